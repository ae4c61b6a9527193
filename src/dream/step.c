#include "dream/step.h"

#include "base/round.h"
#include "dream/pool.h"
#include "dream/tiles.h"
#include "mpi/exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Windows of a rank that travel together: enough to share their halos and keep the threads fed, few enough to
 * bound memory. It depends on the window and on the threads of the best-equipped rank, so that all ranks
 * agree on it. */
enum { WAVE_PIXELS = 8 << 20, WAVE_TILES_MAX = 64 };

/* Windows start where memory does best: at multiples of 256 bytes. */
enum { SLOT_FLOATS = 64 };

/* Windows under way: gathered, computed, scattered. Two of them alternate. */
typedef struct wave {
    gd_window *windows, *cores; /* owned; of all ranks, [count] */
    size_t count;
    gd_job *jobs; /* owned; of this rank, [job_count] */
    int32_t job_count;
    gd_memory *memory;         /* borrowed; of pixels and gradients */
    float *pixels, *gradients; /* owned; [wave_tiles, slot] */
    gd_exchange *gather, *scatter;
} wave;

struct gd_stepper {
    gd_comm *comm;           /* borrowed */
    const gd_engine *engine; /* borrowed */
    gd_pool *pool;           /* owned */
    int32_t most_threads;    /* over all ranks */
    wave waves[2];
    int64_t slot_floats; /* room of one window, a multiple of SLOT_FLOATS */
    int32_t wave_tiles;  /* tiles a rank and wave */
};

/* A step under way. */
typedef struct step {
    gd_stepper *stepper;
    const gd_stage *stage;
    const gd_step_parameters *parameters;
    gd_plane *gradient;
    gd_tile *tiles; /* owned; [tile_count], those of a rank side by side */
    int64_t tile_count;
    int64_t *first;  /* owned; [ranks + 1] each rank's first tile */
    int64_t longest; /* tiles of the rank that has most */
    double *sums;    /* owned; [tile_count, 2] */
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
        status = gd_fail(error, GD_MEMORY, "out of memory for the step");
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
        made->most_threads = all[i] > made->most_threads ? (int32_t)all[i] : made->most_threads;
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
    gd_memory_release(w->memory, GD_FOR_WINDOWS, &w->pixels);
    gd_memory_release(w->memory, GD_FOR_WINDOWS, &w->gradients);
    *w = (wave){0};
}

void gd_stepper_free(gd_stepper *stepper)
{
    if (!stepper)
        return;
    gd_pool_free(stepper->pool);
    wave_free(&stepper->waves[0]);
    wave_free(&stepper->waves[1]);
    free(stepper);
}

static gd_status cut(const gd_engine *engine, int64_t extent, const gd_step_parameters *p, gd_cuts *cuts,
                     gd_error *error)
{
    if (p->tensorflow)
        return gd_cuts_create_tensorflow(extent, p->tile, cuts, error);
    return gd_cuts_create(extent, p->tile, p->halo, engine->stride, engine->net->smallest_input, cuts, error);
}

gd_status gd_step_tile_count(const gd_engine *engine, int64_t rows, int64_t cols,
                             const gd_step_parameters *parameters, int64_t *count, gd_error *error)
{
    gd_cuts row_cuts = {0}, col_cuts = {0};
    gd_status status = cut(engine, rows, parameters, &row_cuts, error);
    if (status == GD_OK)
        status = cut(engine, cols, parameters, &col_cuts, error);
    if (status == GD_OK)
        *count = (int64_t)row_cuts.count * col_cuts.count;
    gd_cuts_free(&row_cuts);
    gd_cuts_free(&col_cuts);
    return status;
}

static void count_runs(step *s, int32_t ranks)
{
    for (int64_t i = 0; i < s->tile_count; i++)
        s->first[s->tiles[i].rank + 1]++;
    for (int32_t r = 0; r < ranks; r++) {
        s->longest = s->first[r + 1] > s->longest ? s->first[r + 1] : s->longest;
        s->first[r + 1] += s->first[r];
    }
}

static gd_status deal(step *s, gd_error *error)
{
    const gd_layout *layout = s->stage->layout;
    const gd_step_parameters *p = s->parameters;
    gd_cuts rows = {0}, cols = {0};
    gd_status status = cut(s->stepper->engine, layout->rows, p, &rows, error);
    if (status == GD_OK)
        status = cut(s->stepper->engine, layout->cols, p, &cols, error);
    if (status != GD_OK)
        goto cleanup;
    s->tile_count = (int64_t)rows.count * cols.count;
    s->tiles = calloc((size_t)s->tile_count, sizeof *s->tiles);
    s->sums = calloc((size_t)s->tile_count * 2, sizeof *s->sums);
    s->first = calloc((size_t)layout->ranks + 1, sizeof *s->first);
    if (!s->tiles || !s->sums || !s->first) {
        status = gd_fail(error, GD_MEMORY, "out of memory for a list of %lld tiles; use a larger -ts",
                         (long long)s->tile_count);
        goto cleanup;
    }
    status =
        gd_tiles_deal(&rows, &cols, layout->rows, layout->cols, p->dy, p->dx, layout->ranks, s->tiles, error);
    if (status == GD_OK)
        count_runs(s, layout->ranks);
cleanup:
    gd_cuts_free(&rows);
    gd_cuts_free(&cols);
    return status;
}

static gd_status allocate_windows(gd_memory *memory, size_t bytes, float **values, gd_error *error)
{
    void *made = NULL;
    const gd_status status = memory->class->allocate(memory, GD_FOR_WINDOWS, bytes, &made, error);
    *values = made;
    return status;
}

/* Both waves are let go before either is made anew, so that the larger ones have room. */
static gd_status wave_make(wave *w, gd_memory *memory, int64_t slot_floats, int32_t tiles, int32_t ranks,
                           gd_error *error)
{
    const size_t most = (size_t)tiles * (size_t)ranks;
    const size_t bytes = (size_t)slot_floats * (size_t)tiles * sizeof(float);
    w->memory = memory;
    w->windows = calloc(most, sizeof *w->windows);
    w->cores = calloc(most, sizeof *w->cores);
    w->jobs = calloc((size_t)tiles, sizeof *w->jobs);
    if (!w->windows || !w->cores || !w->jobs)
        return gd_fail(error, GD_MEMORY, "out of memory for the windows of a step; use a smaller -ts");
    gd_status status = allocate_windows(memory, bytes, &w->pixels, error);
    return status == GD_OK ? allocate_windows(memory, bytes, &w->gradients, error) : status;
}

/* Buffers for the largest window of this step; kept while they are large enough. */
static gd_status hold_buffers(step *s, gd_error *error)
{
    gd_stepper *st = s->stepper;
    int64_t area = 0;
    for (int64_t i = 0; i < s->tile_count; i++) {
        const int64_t a = gd_rect_area(s->tiles[i].window);
        area = a > area ? a : area;
    }
    int64_t tiles = WAVE_PIXELS / area;
    tiles = tiles > WAVE_TILES_MAX ? WAVE_TILES_MAX : tiles;
    tiles = tiles < st->most_threads ? st->most_threads : tiles;
    tiles = tiles > s->longest ? s->longest : tiles;
    if (area * 3 <= st->slot_floats && tiles == st->wave_tiles)
        return GD_OK;
    wave_free(&st->waves[0]);
    wave_free(&st->waves[1]);
    st->slot_floats = gd_round_up(area * 3, SLOT_FLOATS);
    st->wave_tiles = (int32_t)tiles;
    gd_status status = GD_OK;
    for (int i = 0; status == GD_OK && i < 2; i++)
        status = wave_make(&st->waves[i], gd_engine_memory(st->engine), st->slot_floats, st->wave_tiles,
                           gd_comm_size(st->comm), error);
    return status;
}

static void add_job(step *s, wave *w, const gd_tile *tile, gd_window *window, gd_window *core)
{
    const int64_t stride = tile->window.cols * 3;
    const gd_rect inner = {tile->core.y - tile->window.y, tile->core.x - tile->window.x, tile->core.rows,
                           tile->core.cols};
    float *pixels = w->pixels + w->job_count * s->stepper->slot_floats;
    float *gradient = w->gradients + w->job_count * s->stepper->slot_floats;
    window->pixels = pixels;
    window->stride = stride;
    core->pixels = gradient + inner.y * stride + inner.x * 3;
    core->stride = stride;
    w->jobs[w->job_count++] = (gd_job){.rows = (int32_t)tile->window.rows,
                                       .cols = (int32_t)tile->window.cols,
                                       .window = pixels,
                                       .gradient = gradient,
                                       .core = inner};
}

static void list_wave(step *s, wave *w, int64_t index)
{
    const gd_layout *layout = s->stage->layout;
    const gd_step_parameters *p = s->parameters;
    const int32_t me = gd_comm_rank(s->stepper->comm), tiles = s->stepper->wave_tiles;
    w->count = 0;
    w->job_count = 0;
    for (int32_t rank = 0; rank < layout->ranks; rank++) {
        int64_t i = s->first[rank] + index * tiles;
        for (int64_t last = i + tiles; i < s->first[rank + 1] && i < last; i++) {
            const gd_tile *tile = &s->tiles[i];
            gd_window *window = &w->windows[w->count], *core = &w->cores[w->count];
            *window = (gd_window){.rect = gd_unroll(tile->window, layout->rows, layout->cols, p->dy, p->dx),
                                  .rank = rank};
            *core = (gd_window){.rect = gd_unroll(tile->core, layout->rows, layout->cols, p->dy, p->dx),
                                .rank = rank};
            if (rank == me)
                add_job(s, w, tile, window, core);
            w->count++;
        }
    }
}

static gd_status begin_gather(step *s, int64_t index, gd_error *error)
{
    wave *w = &s->stepper->waves[index % 2];
    list_wave(s, w, index);
    return gd_gather_begin(s->stepper->comm, s->stage->canvas, w->windows, w->count, &w->gather, error);
}

/* Waits for the jobs while `exchange` (or NULL) moves. */
static gd_status drive(step *s, gd_exchange *exchange, gd_error *error)
{
    enum { NAP = 200 }; /* microseconds: short beside a window, long beside a poll */
    bool moved = !exchange;
    while (!gd_pool_wait(s->stepper->pool, moved ? -1 : NAP)) {
        gd_status status = gd_exchange_test(exchange, &moved, error);
        if (status != GD_OK)
            return status;
    }
    return gd_pool_result(s->stepper->pool, error);
}

static void keep_sums(step *s, const wave *w, int64_t index)
{
    const int64_t first = s->first[gd_comm_rank(s->stepper->comm)] + index * s->stepper->wave_tiles;
    for (int32_t i = 0; i < w->job_count; i++)
        memcpy(&s->sums[(first + i) * 2], w->jobs[i].sums, sizeof w->jobs[i].sums);
}

/* Windows of wave n + 1 come, and gradients of wave n - 1 go, while wave n computes. */
static gd_status run_waves(step *s, gd_error *error)
{
    gd_stepper *st = s->stepper;
    const int64_t waves = (s->longest + st->wave_tiles - 1) / st->wave_tiles;
    gd_status status = begin_gather(s, 0, error);
    if (status == GD_OK)
        status = gd_exchange_end(&st->waves[0].gather, error);
    for (int64_t i = 0; status == GD_OK && i < waves; i++) {
        wave *now = &st->waves[i % 2], *other = &st->waves[(i + 1) % 2];
        gd_pool_start(st->pool, now->jobs, now->job_count);
        if (i > 0)
            status = gd_exchange_end(&other->scatter, error);
        if (status == GD_OK && i + 1 < waves)
            status = begin_gather(s, i + 1, error);
        if (status == GD_OK)
            status = drive(s, other->gather, error);
        if (status == GD_OK)
            status = gd_exchange_end(&other->gather, error);
        keep_sums(s, now, i);
        if (status == GD_OK)
            status = gd_scatter_begin(st->comm, s->gradient, now->cores, now->count, &now->scatter, error);
        if (status == GD_OK && i + 1 == waves)
            status = gd_exchange_end(&now->scatter, error);
    }
    return status;
}

/* The same sum in the same order on every rank. */
static gd_status join_moments(step *s, double *deviation, gd_error *error)
{
    const gd_layout *layout = s->stage->layout;
    const int32_t me = gd_comm_rank(s->stepper->comm);
    int32_t *counts = calloc((size_t)layout->ranks, sizeof *counts);
    double *all = calloc((size_t)s->tile_count * 2, sizeof *all);
    gd_status status = GD_OK;
    if (!counts || !all) {
        status = gd_fail(error, GD_MEMORY, "out of memory for the moments of %lld tiles",
                         (long long)s->tile_count);
        goto cleanup;
    }
    for (int32_t r = 0; r < layout->ranks; r++)
        counts[r] = (int32_t)(2 * (s->first[r + 1] - s->first[r]));
    status = gd_comm_gather_all(s->stepper->comm, s->sums + 2 * s->first[me], counts, all, error);
    if (status != GD_OK)
        goto cleanup;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < s->tile_count; i++) {
        sum += all[2 * i];
        squares += all[2 * i + 1];
    }
    const double n = 3.0 * (double)layout->rows * (double)layout->cols, mean = sum / n;
    const double variance = squares / n - mean * mean;
    *deviation = sqrt(variance > 0 ? variance : 0);
    if (!isfinite(squares))
        status =
            gd_fail(error, GD_BACKEND,
                    "the gradient is not finite (sum of squares %g); the weights may be damaged", squares);
cleanup:
    free(counts);
    free(all);
    return status;
}

/* Waits, since a rank whose pixels are all left out has no other wait before the update reads them. */
static gd_status clear(gd_plane *plane, gd_error *error)
{
    const double seconds = 300;
    gd_memory *memory = plane->memory;
    gd_status status = memory->class->clear(memory, plane->values,
                                            (size_t)plane->value_count * sizeof *plane->values, error);
    return status == GD_OK ? gd_memory_settle(memory, seconds, error) : status;
}

gd_status gd_step_gradient(gd_stepper *stepper, const gd_stage *stage, const gd_step_parameters *parameters,
                           gd_plane *gradient, double *deviation, gd_error *error)
{
    step s = {.stepper = stepper, .stage = stage, .parameters = parameters, .gradient = gradient};
    gd_status status = GD_OK;
    if (parameters->tensorflow && gradient->value_count > 0) /* its tiles leave pixels out */
        status = clear(gradient, error);
    if (status == GD_OK)
        status = deal(&s, error);
    if (status == GD_OK)
        status = hold_buffers(&s, error);
    if (status == GD_OK)
        status = run_waves(&s, error);
    if (status == GD_OK)
        status = join_moments(&s, deviation, error);
    free(s.tiles);
    free(s.sums);
    free(s.first);
    return status;
}

gd_status gd_step_update(gd_stepper *stepper, gd_stage *stage, const gd_plane *gradient, double deviation,
                         double step_size, gd_error *error)
{
    const gd_engine *engine = stepper->engine;
    if (stage->canvas->value_count == 0)
        return GD_OK;
    gd_status status =
        engine->backend->update(engine->device, stage->canvas->values, gradient->values,
                                stage->canvas->value_count, (float)(step_size / (deviation + 1e-8)), error);
    return status == GD_OK ? gd_engine_finish(engine, error) : status;
}
