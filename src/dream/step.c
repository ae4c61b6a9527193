/* One step: the gradients of all tiles, in waves, and their standard deviation.
 *
 * The tiles of a rank are divided into waves of buffers.tiles[0]. Two sets of buffers, waves[0] and waves[1],
 * alternate. States of a wave:
 *
 *     listed     its windows, cores and jobs are written down
 *     gathering  pixels of its windows come from the ranks that hold them
 *     computing  the pool computes its gradients
 *     computed   its gradients are there
 *     scattered  its gradients are in the gradient plane
 *
 * While wave n computes, wave n - 1 is scattered, and then wave n + 1 is listed and gathered in its buffers.
 * On a device, wave n + 1 is queued before wave n is computed: the device has work while the host waits for
 * the windows of wave n, one after the other, and scatters them.
 *
 *  1. All ranks go through the same waves, as many as the rank with most tiles has, and so through the
 *     same exchanges in the same order, whether they have tiles or not.
 *  2. At most one exchange is under way on a rank.
 *  3. The pixels of wave n stay until it is computed: what wave n + 1 shares with it is copied, not sent
 *     again.
 *  4. The canvas is only read before gd_shape_update, so that a step can be abandoned until then.
 *  5. Sums are kept by tile and added in the order of tiles on every rank: the deviation is the same for
 *     any number of ranks. They are there when gd_engine_finish has returned, once a step. */
#include "dream/step.h"

#include "base/clock.h"
#include "base/minmax.h"
#include "dream/moments.h"
#include "engine/pool.h"
#include "mpi/agree.h"
#include "mpi/exchange/exchange.h"

#include <stdlib.h>

/* The buffers of a wave. */
typedef struct wave {
    gd_window *windows, *cores; /* owned; of all ranks; [count] */
    size_t count;
    gd_job *jobs; /* owned; of this rank; [job_count] */
    int32_t job_count;
    gd_memory *memory;         /* borrowed; of pixels and gradients; NULL: there are none */
    float *pixels, *gradients; /* owned; [tiles, window_floats] and [tiles, gradient_floats] */
    gd_exchange *gather;       /* owned; in progress */
} wave;

struct gd_stepper {
    gd_comm *comm;           /* borrowed */
    const gd_engine *engine; /* borrowed */
    gd_pool *pool;           /* owned */
    int32_t most_threads;    /* the most threads of any rank */
    wave waves[2];
    gd_wave_buffers buffers; /* of both */
    double *sums;            /* owned; [sum_count, 2] of this step's tiles; jobs write to it */
    int64_t sum_count;
    double busy; /* seconds (gd_stepper_busy) */
};

/* A step in progress. */
typedef struct step {
    gd_stepper *stepper;
    const gd_canvas *canvas;
    const gd_step_parameters *parameters;
    gd_plane *gradient;
    gd_tile_assignment assignment; /* owned */
} step;

gd_status gd_stepper_create(gd_comm *comm, const gd_engine *engine, int32_t threads, gd_stepper **stepper,
                            gd_error *error)
{
    *stepper = NULL;
    const int32_t ranks = gd_comm_size(comm);
    gd_stepper *made = calloc(1, sizeof *made);
    double *all = calloc((size_t)ranks, sizeof *all);
    int32_t *ones = calloc((size_t)ranks, sizeof *ones);
    gd_status status = GD_OK;
    if (!made || !all || !ones)
        status = gd_no_memory(error, "the step");
    if (status == GD_OK)
        status = gd_pool_create(engine, threads, &made->pool, error);
    status = gd_comm_agree(comm, status, error);
    if (status != GD_OK)
        goto cleanup;
    for (int32_t i = 0; i < ranks; i++)
        ones[i] = 1;
    const double mine = threads;
    status = gd_comm_gather_all(comm, &mine, ones, all, error);
    for (int32_t i = 0; i < ranks; i++)
        made->most_threads = gd_max_i32(made->most_threads, (int32_t)all[i]);
    made->comm = comm;
    made->engine = engine;
cleanup:
    free(all);
    free(ones);
    if (status != GD_OK) {
        gd_stepper_free(made);
        return status;
    }
    *stepper = made;
    return GD_OK;
}

static void wave_free(wave *w)
{
    free(w->windows);
    free(w->cores);
    free(w->jobs);
    if (w->memory) {
        gd_memory_release(w->memory, GD_FOR_WINDOWS, &w->pixels);
        gd_memory_release(w->memory, GD_FOR_WINDOWS, &w->gradients);
    }
    *w = (wave){0};
}

void gd_stepper_free(gd_stepper *stepper)
{
    if (!stepper)
        return;
    gd_pool_free(stepper->pool);
    wave_free(&stepper->waves[0]);
    wave_free(&stepper->waves[1]);
    free(stepper->sums);
    free(stepper);
}

void gd_stepper_watch(gd_stepper *stepper, const atomic_bool *stop)
{
    gd_pool_watch(stepper->pool, stop);
}

double gd_stepper_busy(gd_stepper *stepper)
{
    const double busy = stepper->busy;
    stepper->busy = 0;
    return busy;
}

/* Whether this rank holds a part of the canvas. */
static bool holds(const step *s)
{
    return gd_comm_rank(s->stepper->comm) < s->canvas->partition->ranks;
}

static gd_status hold_sums(gd_stepper *stepper, int64_t tiles, gd_error *error)
{
    if (tiles <= stepper->sum_count)
        return GD_OK;
    free(stepper->sums);
    stepper->sum_count = 0;
    stepper->sums = calloc((size_t)tiles * 2, sizeof *stepper->sums);
    if (!stepper->sums)
        return gd_no_memory(error, "the moments of %lld tiles; use a larger -ts", (long long)tiles);
    stepper->sum_count = tiles;
    return GD_OK;
}

static gd_status assign(step *s, gd_error *error)
{
    const gd_partition *partition = s->canvas->partition;
    gd_status status = gd_tile_assignment_create(s->stepper->engine, partition->rows, partition->cols,
                                                 partition->ranks, s->parameters, &s->assignment, error);
    return status == GD_OK ? hold_sums(s->stepper, s->assignment.tile_count, error) : status;
}

/* `tiles` of the buffers' windows and gradients. */
static gd_status allocate_windows(wave *w, gd_memory *memory, const gd_wave_buffers *buffers, int32_t tiles,
                                  gd_error *error)
{
    const size_t floats = (size_t)tiles * sizeof(float);
    void *pixels = NULL, *gradients = NULL;
    w->memory = memory;
    gd_status status = memory->class->allocate(memory, GD_FOR_WINDOWS,
                                               (size_t)buffers->window_floats * floats, &pixels, error);
    w->pixels = pixels;
    if (status == GD_OK)
        status = memory->class->allocate(memory, GD_FOR_WINDOWS, (size_t)buffers->gradient_floats * floats,
                                         &gradients, error);
    w->gradients = gradients;
    return status;
}

static gd_status wave_make(wave *w, int32_t tiles, int32_t ranks, gd_error *error)
{
    const size_t most = (size_t)tiles * (size_t)ranks;
    w->windows = calloc(most, sizeof *w->windows);
    w->cores = calloc(most, sizeof *w->cores);
    w->jobs = calloc((size_t)tiles, sizeof *w->jobs);
    if (!w->windows || !w->cores || !w->jobs)
        return gd_no_memory(error, "the windows of a step; use a smaller -ts");
    return GD_OK;
}

/* Allocates buffers for the largest window of this step, unless the existing ones are large enough. Both
 * waves are freed before new ones are allocated, so that the larger ones fit. */
static gd_status hold_buffers(step *s, gd_error *error)
{
    gd_stepper *st = s->stepper;
    const gd_wave_buffers buffers = gd_wave_buffers_of(&s->assignment, st->most_threads);
    const bool pixels = holds(s);
    if (gd_wave_buffers_serve(&st->buffers, &buffers) && (!pixels || st->waves[0].pixels))
        return GD_OK;
    wave_free(&st->waves[0]);
    wave_free(&st->waves[1]);
    st->buffers = buffers;
    gd_status status = GD_OK;
    for (int i = 0; status == GD_OK && i < 2 && buffers.tiles[i] > 0; i++) {
        status = wave_make(&st->waves[i], buffers.tiles[i], gd_comm_size(st->comm), error);
        if (status == GD_OK && pixels)
            status = allocate_windows(&st->waves[i], gd_engine_memory(st->engine), &buffers, buffers.tiles[i],
                                      error);
    }
    return status;
}

static void add_job(step *s, wave *w, int64_t index, gd_window *window, gd_window *core)
{
    const gd_tile *tile = &s->assignment.tiles[index];
    const gd_rect focus = tile->focus;
    const gd_rect inner = {tile->core.y - tile->window.y, tile->core.x - tile->window.x, tile->core.rows,
                           tile->core.cols};
    float *pixels = w->pixels + w->job_count * s->stepper->buffers.window_floats;
    float *gradient = w->gradients + w->job_count * s->stepper->buffers.gradient_floats;
    window->pixels = pixels;
    window->stride = tile->window.cols * 3;
    core->stride = focus.cols * 3;
    core->pixels = gradient + (inner.y - focus.y) * core->stride + (inner.x - focus.x) * 3;
    w->jobs[w->job_count++] = (gd_job){.shape = gd_tile_shape(tile),
                                       .window = pixels,
                                       .gradient = gradient,
                                       .core = inner,
                                       .sums = &s->stepper->sums[2 * index]};
}

static void list_wave(step *s, wave *w, int64_t index)
{
    const int32_t me = gd_comm_rank(s->stepper->comm), tiles = s->stepper->buffers.tiles[0];
    int64_t next = 0, end = 0;
    w->job_count = 0;
    w->count = gd_tile_assignment_list(&s->assignment, s->parameters, index, tiles, w->windows, w->cores);
    if (holds(s))
        gd_tile_assignment_wave(&s->assignment, me, index, tiles, &next, &end);
    for (size_t i = 0; i < w->count; i++)
        if (w->windows[i].rank == me)
            add_job(s, w, next++, &w->windows[i], &w->cores[i]);
}

/* Pixels that the previous wave's windows hold are copied locally, not exchanged. */
static gd_status begin_gather(step *s, int64_t index, gd_error *error)
{
    gd_stepper *st = s->stepper;
    wave *w = &st->waves[index % 2];
    const wave *before = &st->waves[(index + 1) % 2];
    list_wave(s, w, index);
    return gd_gather_next(st->comm, s->canvas->pixels, w->windows, w->count, before->windows,
                          index > 0 ? before->count : 0, &w->gather, error);
}

/* Waits for the jobs; meanwhile makes progress on `exchange` (or NULL). */
static gd_status drive(step *s, gd_exchange *exchange, gd_error *error)
{
    enum { NAP = 200 }; /* microseconds: short compared to a window, long compared to a poll */
    bool moved = !exchange;
    while (!gd_pool_wait(s->stepper->pool, moved ? -1 : NAP)) {
        gd_status status = gd_exchange_test(exchange, &moved, error);
        if (status != GD_OK)
            return status;
    }
    return gd_pool_result(s->stepper->pool, error);
}

/* Sends the gradients of a wave to the ranks that hold their blocks, when they are there. */
static gd_status scatter(step *s, wave *w, gd_error *error)
{
    gd_exchange *exchange = NULL;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < w->job_count; i++)
        status = gd_engine_wait_event(s->stepper->engine, w->jobs[i].event, error);
    if (status == GD_OK)
        status = gd_scatter_begin(s->stepper->comm, s->gradient, w->cores, w->count, &exchange, error);
    return status == GD_OK ? gd_exchange_end(&exchange, error) : status;
}

/* The pool knows when jobs are computed, but of those that it only queues it knows nothing: these count as
 * running from `start` until now. */
static void add_busy(const step *s, double start)
{
    gd_stepper *st = s->stepper;
    const int32_t me = gd_comm_rank(st->comm);
    const double running = gd_pool_busy(st->pool);
    const bool computes = holds(s) && s->assignment.first[me + 1] > s->assignment.first[me];
    st->busy += !gd_engine_queues(st->engine) ? running : computes ? gd_clock() - start : 0;
}

/* Runs all waves through the states above. */
static gd_status run_waves(step *s, gd_error *error)
{
    gd_stepper *st = s->stepper;
    const int64_t waves = (s->assignment.longest + st->buffers.tiles[0] - 1) / st->buffers.tiles[0];
    gd_status status = begin_gather(s, 0, error);
    if (status == GD_OK)
        status = gd_exchange_end(&st->waves[0].gather, error);
    const double start = gd_clock();
    for (int64_t i = 0; status == GD_OK && i < waves; i++) {
        wave *now = &st->waves[i % 2], *other = &st->waves[(i + 1) % 2];
        gd_pool_start(st->pool, now->jobs, now->job_count);
        if (i > 0)
            status = scatter(s, other, error);
        if (status == GD_OK && i + 1 < waves)
            status = begin_gather(s, i + 1, error);
        if (status == GD_OK)
            status = drive(s, other->gather, error);
        if (status == GD_OK)
            status = gd_exchange_end(&other->gather, error);
        if (status == GD_OK && i + 1 == waves)
            status = scatter(s, now, error);
    }
    if (status == GD_OK)
        status = gd_engine_finish(st->engine, error);
    add_busy(s, start);
    return status;
}

/* Computes the deviation from the sums of all tiles. */
static gd_status join_moments(const step *s, double *deviation, gd_error *error)
{
    const gd_partition *partition = s->canvas->partition;
    double total[2];
    const gd_status status = gd_moments_join(s->stepper->comm, partition->ranks, s->assignment.first,
                                             s->stepper->sums, total, error);
    if (status == GD_OK)
        *deviation = gd_moments_deviation(total, 3.0 * (double)partition->rows * (double)partition->cols);
    return status;
}

gd_status gd_step_gradient(gd_stepper *stepper, const gd_canvas *canvas, const gd_step_parameters *parameters,
                           gd_plane *gradient, double *deviation, gd_error *error)
{
    step s = {.stepper = stepper, .canvas = canvas, .parameters = parameters, .gradient = gradient};
    gd_plane_forget(gradient);
    gd_status status = assign(&s, error);
    if (status == GD_OK && (parameters->cuts == GD_CUTS_CORNERS || s.assignment.left_out > 0))
        status = gd_plane_clear(gradient, error); /* corner cuts and masks leave pixels out */
    const bool any = s.assignment.tile_count > 0; /* else a mask is black all over a part of a proof */
    if (status == GD_OK && any)
        status = hold_buffers(&s, error);
    if (status == GD_OK && any)
        status = run_waves(&s, error);
    *deviation = 0;
    if (status == GD_OK && any && holds(&s))
        status = join_moments(&s, deviation, error);
    gd_tile_assignment_free(&s.assignment);
    return status;
}
