/* Predicts the time of steps on many GPUs from their tiles, exchanges and tapes. */
#include "gpu_predict.h"
#include "net/lower/lower.h"

#include "dream/octave.h"
#include "plan/plan.h"
#include "tiling/tile_assignment.h"

#include <math.h>

enum { SHAPES = 16, TIMES = 3 };

/* NVIDIA's ConnectX-7: 400 Gb/s a port, each way. */
static const double infiniband = 50e9;

/* Bytes that kernels of ours move for a pixel beside the tape: a window is copied into place (12 read, 12
 * written); a gradient's core is copied home, read for its moments, and read by the update, which reads and
 * writes the canvas. */
static const double window_bytes = 24, core_bytes = 24 + 12 + 36;

static const gpu_share *const shares[TIMES] = {&gpu_at_peak, &gpu_fast, &gpu_slow};

/* Seconds of a window of a shape, for each share. */
typedef struct timed {
    gd_window_shape window;
    double seconds[TIMES];
} timed;

typedef struct predictor {
    const gd_engine *engine;
    const gd_render_parameters *p;
    const gd_gpu_kind *kind;
    timed shapes[SHAPES];
    int shape_count;
    double rank[TIMES]; /* of the rank that takes longest, summed over the steps */
} predictor;

static gd_status time_shape(predictor *p, const gd_window_shape *window, timed *t, gd_error *error)
{
    gd_tape *tape = NULL;
    const gd_lower_options options = {.dense = true, .focus = window->focus};
    const gd_status status = gd_tape_lower(p->engine->net, &p->engine->objective, window->rows, window->cols,
                                           &options, &tape, error);
    if (status != GD_OK)
        return status;
    *t = (timed){.window = *window};
    for (int i = 0; i < TIMES; i++)
        t->seconds[i] = gpu_tape_seconds(tape, p->kind, shares[i]);
    gd_tape_free(tape);
    return GD_OK;
}

static gd_status find_shape(predictor *p, const gd_window_shape *window, const timed **found, gd_error *error)
{
    for (int i = 0; i < p->shape_count; i++) {
        *found = &p->shapes[i];
        if (gd_window_shape_same(&(*found)->window, window))
            return GD_OK;
    }
    if (p->shape_count == SHAPES)
        return gd_fail(error, GD_USAGE, "more than %d shapes of windows; give one size of tile", SHAPES);
    timed *t = &p->shapes[p->shape_count++];
    *found = t;
    return time_shape(p, window, t, error);
}

/* Adds what the rank does in a step to seconds[TIMES]. */
static gd_status add_rank(predictor *p, const gd_tile_assignment *assignment, int32_t rank, double *seconds,
                          gd_error *error)
{
    for (int64_t i = assignment->first[rank]; i < assignment->first[rank + 1]; i++) {
        const gd_tile *tile = &assignment->tiles[i];
        const double bytes =
            window_bytes * (double)gd_rect_area(tile->window) + core_bytes * (double)gd_rect_area(tile->core);
        const timed *t;
        const gd_window_shape window = gd_tile_shape(tile);
        const gd_status status = find_shape(p, &window, &t, error);
        if (status != GD_OK)
            return status;
        for (int k = 0; k < TIMES; k++)
            seconds[k] += t->seconds[k] + bytes / (shares[k]->bytes * p->kind->peak_bytes);
    }
    return GD_OK;
}

static gd_status add_step(predictor *p, const gd_tile_assignment *assignment, gd_error *error)
{
    double most[TIMES] = {0};
    gd_status status = GD_OK;
    for (int32_t r = 0; r < assignment->ranks && status == GD_OK; r++) {
        double seconds[TIMES] = {0};
        status = add_rank(p, assignment, r, seconds, error);
        for (int k = 0; k < TIMES; k++)
            most[k] = fmax(most[k], seconds[k]);
    }
    for (int k = 0; k < TIMES; k++)
        p->rank[k] += most[k];
    return status;
}

static gd_status add_steps(predictor *p, int32_t ranks, gpu_prediction *out, gd_error *error)
{
    gd_octave o;
    gd_status status = gd_octave_at(p->p, p->engine, p->p->octave_first, ranks, &o, error);
    for (int32_t step = 0; step < p->p->steps && status == GD_OK; step++) {
        gd_step_parameters s;
        gd_tile_assignment assignment = {0};
        status = gd_octave_step(p->p, p->engine, o.octave, step, &s, error);
        if (status == GD_OK)
            status = gd_tile_assignment_create(p->engine, o.rows, o.cols, o.ranks, &s, &assignment, error);
        if (status != GD_OK)
            return status;
        status = add_step(p, &assignment, error);
        out->tiles += (double)assignment.tile_count;
        out->tiles_most += (double)assignment.longest;
        out->waves += ceil((double)assignment.longest / gd_tile_assignment_wave_tiles(&assignment, 1));
        gd_tile_assignment_free(&assignment);
    }
    return status;
}

/* The first windows come before anything is computed, and the last gradients go after it; without overlap, so
 * does all the rest. */
static double step_seconds(double compute, const gpu_prediction *p, const gpu_share *share)
{
    const double network = p->sent_bytes / (share->network * p->link);
    const double exposed = share->overlaps ? network / p->waves : network;
    return fmax(compute + exposed, network) + share->step;
}

gd_status gpu_predict(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                      const gd_gpu_kind *kind, gpu_prediction *prediction, gd_error *error)
{
    predictor p = {.engine = engine, .p = parameters, .kind = kind};
    gpu_prediction *out = prediction;
    const double steps = parameters->steps;
    gd_plan *plan = NULL;
    *out = (gpu_prediction){.ranks = ranks, .link = ranks > GPU_NODE ? infiniband : kind->link_bytes};
    gd_status status = gd_plan_create(engine, parameters, ranks, &plan, error);
    if (status != GD_OK)
        return status;
    out->sent_bytes = (double)plan->octaves[0].sent_bytes / steps / ranks;
    out->flop = plan->octaves[0].flop / steps;
    gd_plan_free(plan);
    status = add_steps(&p, ranks, out, error);
    out->tiles /= steps;
    out->tiles_most /= steps;
    out->waves /= steps;
    out->peak = step_seconds(p.rank[0] / steps, out, &gpu_at_peak);
    out->fast = step_seconds(p.rank[1] / steps, out, &gpu_fast);
    out->slow = step_seconds(p.rank[2] / steps, out, &gpu_slow);
    return status;
}
