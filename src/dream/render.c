#include "dream/render.h"

#include "base/random.h"
#include "base/round.h"
#include "dream/step.h"

#include <math.h>
#include <time.h>

int64_t gd_octave_extent(int64_t base, double scale, int32_t octave, bool tensorflow)
{
    if (tensorflow)
        return (int64_t)((float)base * (float)pow(scale, octave));
    return (int64_t)((double)base * pow(scale, octave));
}

int64_t gd_render_tile(const gd_render_parameters *parameters, int32_t stride, int64_t index)
{
    const int64_t count = (int64_t)(parameters->octave_end - parameters->octave_first) * parameters->steps;
    const int64_t tile = (int64_t)llround(gd_schedule_at(&parameters->tile, index, count));
    return parameters->tensorflow ? tile : gd_round_up(tile, stride);
}

int64_t gd_render_halo(const gd_render_parameters *parameters, const gd_engine *engine, int64_t tile)
{
    if (parameters->tensorflow)
        return 0;
    return gd_halo(parameters->halo_kind, parameters->halo, engine->reach, engine->stride, tile);
}

typedef struct render {
    gd_comm *comm;
    const gd_engine *engine;
    const gd_render_parameters *p;
    gd_stepper *stepper; /* owned */
    gd_stage **stage;
    int64_t index; /* of the step in the whole render */
} render;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int64_t modulo(int64_t value, int64_t extent)
{
    const int64_t rest = value % extent;
    return rest < 0 ? rest + extent : rest;
}

/* Over the whole canvas, so that the roll does not depend on the tile size; under tensorflow over [-tile,
 * tile). */
static int64_t draw_roll(const render *r, int64_t extent, int32_t octave, int32_t axis, int32_t step,
                         int64_t tile)
{
    const int64_t bound = r->p->tensorflow ? 2 * tile : extent;
    const int64_t value = gd_random_below(r->p->seed, GD_RANDOM_ROLL, bound, octave, axis, (uint32_t)step);
    return r->p->tensorflow ? value - tile : value;
}

static gd_status choose_roll(const render *r, int32_t octave, int32_t step, gd_step_parameters *s,
                             gd_error *error)
{
    const gd_layout *layout = (*r->stage)->layout;
    gd_status status = GD_OK;
    if (r->p->hooks.roll) {
        status = r->p->hooks.roll(r->p->hooks.context, octave, step, &s->dy, &s->dx, error);
    } else {
        s->dy = draw_roll(r, layout->rows, octave, 0, step, s->tile);
        s->dx = draw_roll(r, layout->cols, octave, 1, step, s->tile);
    }
    s->dy = modulo(s->dy, layout->rows);
    s->dx = modulo(s->dx, layout->cols);
    return status;
}

static gd_status run_step(render *r, gd_plane *gradient, int32_t octave, int32_t step, gd_error *error)
{
    const gd_render_parameters *p = r->p;
    const int64_t all_steps = (int64_t)(p->octave_end - p->octave_first) * p->steps;
    const double start = now();
    gd_step_parameters s = {.tensorflow = p->tensorflow};
    s.tile = gd_render_tile(p, r->engine->stride, r->index);
    s.halo = gd_render_halo(p, r->engine, s.tile);
    s.step_size = gd_schedule_at(&p->step_size, r->index, all_steps);
    double deviation = 0;
    gd_status status = choose_roll(r, octave, step, &s, error);
    if (status == GD_OK)
        status = gd_step_gradient(r->stepper, *r->stage, &s, gradient, &deviation, error);
    if (status == GD_OK)
        status = gd_step_update(r->stepper, *r->stage, gradient, deviation, s.step_size, error);
    if (status != GD_OK)
        return status;
    r->index++;
    if (!p->hooks.step_done)
        return GD_OK;
    const gd_layout *layout = (*r->stage)->layout;
    const gd_step_report report = {octave, step, layout->rows, layout->cols, s.tile,
                                   s.dy,   s.dx, s.step_size,  deviation,    now() - start};
    return p->hooks.step_done(p->hooks.context, &report, error);
}

static gd_status run_octave(render *r, int32_t octave, gd_error *error)
{
    const gd_render_parameters *p = r->p;
    const int64_t rows = gd_octave_extent(p->base_rows, p->octave_scale, octave, p->tensorflow);
    const int64_t cols = gd_octave_extent(p->base_cols, p->octave_scale, octave, p->tensorflow);
    const gd_resample_kind kind = p->tensorflow ? GD_RESAMPLE_BILINEAR : GD_RESAMPLE_LANCZOS3;
    gd_plane *gradient = NULL;
    gd_status status = gd_stage_resample(r->comm, r->engine, kind, rows, cols, r->stage, error);
    if (status == GD_OK)
        status = gd_plane_create((*r->stage)->canvas->memory, (*r->stage)->layout, gd_comm_rank(r->comm),
                                 &gradient, error);
    for (int32_t step = 0; status == GD_OK && step < p->steps; step++)
        status = run_step(r, gradient, octave, step, error);
    gd_plane_free(gradient);
    return status;
}

gd_status gd_render(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                    gd_stage **stage, gd_error *error)
{
    render r = {.comm = comm, .engine = engine, .p = parameters, .stage = stage};
    gd_status status = gd_stepper_create(comm, engine, parameters->threads, &r.stepper, error);
    for (int32_t octave = parameters->octave_first; status == GD_OK && octave < parameters->octave_end;
         octave++)
        status = run_octave(&r, octave, error);
    const gd_resample_kind kind = parameters->tensorflow ? GD_RESAMPLE_BILINEAR : GD_RESAMPLE_LANCZOS3;
    if (status == GD_OK && parameters->final_resize)
        status =
            gd_stage_resample(comm, engine, kind, parameters->base_rows, parameters->base_cols, stage, error);
    gd_stepper_free(r.stepper);
    return status;
}
