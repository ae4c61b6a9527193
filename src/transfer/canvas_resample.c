/* Resamples a canvas to another size, or deals its blocks out anew, in waves that stay small. */
#include "transfer/canvas_resample.h"

#include "transfer/resample_cut.h"

#include <stdlib.h>

typedef struct change {
    gd_comm *comm;
    const gd_engine *engine;
    const gd_canvas *from;
    gd_canvas *to;
    gd_resampler *rows, *cols; /* owned; NULL: of the same size, blocks only change their rank */
    gd_resample_cut cut;
    gd_window *windows;        /* owned; all ranks' windows of a wave */
    gd_resample_piece *pieces; /* owned; the target of each window */
    size_t count;
    float *sources; /* owned; pixels of this rank's windows in a wave */
} change;

/* Floats of this rank's sources in its largest wave. */
static int64_t most_floats(change *c)
{
    int64_t most = 0;
    for (int64_t wave = 0; wave < c->cut.waves; wave++) {
        int64_t sum = 0;
        c->count = gd_resample_cut_wave(&c->cut, wave, c->windows, c->pieces);
        for (size_t i = 0; i < c->count; i++)
            if (c->windows[i].rank == gd_comm_rank(c->comm))
                sum += gd_resample_source_floats(c->windows[i].rect);
        most = sum > most ? sum : most;
    }
    return most;
}

static gd_status hold_sources(change *c, gd_error *error)
{
    gd_memory *memory = c->to->pixels->memory;
    if (!c->rows)
        return GD_OK;
    const int64_t floats = most_floats(c);
    if (floats == 0)
        return GD_OK;
    void *values = NULL;
    const gd_status status =
        memory->class->allocate(memory, GD_FOR_WINDOWS, (size_t)floats * sizeof(float), &values, error);
    c->sources = values;
    return status;
}

/* Lists the windows of a wave and sets the memory of this rank's; without resamplers that is the pinned
 * blocks themselves. */
static gd_status list_wave(change *c, int64_t wave, gd_error *error)
{
    const int32_t me = gd_comm_rank(c->comm);
    float *next = c->sources;
    gd_status status = GD_OK;
    c->count = gd_resample_cut_wave(&c->cut, wave, c->windows, c->pieces);
    for (size_t i = 0; status == GD_OK && i < c->count; i++) {
        gd_window *w = &c->windows[i];
        if (w->rank != me)
            continue;
        if (!c->rows) {
            status = gd_plane_pin(c->to->pixels, c->pieces[i].block, GD_ACCESS_REPLACE, &w->pixels, error);
        } else {
            w->pixels = next;
            next += gd_resample_source_floats(w->rect);
        }
    }
    return status;
}

/* Resamples one piece. The first piece of a block replaces its old values, the others keep them. */
static gd_status resample_piece(const change *c, const gd_window *w, const gd_resample_piece *piece,
                                gd_error *error)
{
    const gd_rect all = gd_partition_block(c->to->partition, piece->block), target = piece->target;
    const bool first = target.y == all.y && target.x == all.x;
    float *values = NULL;
    gd_status status = gd_plane_pin(c->to->pixels, piece->block, first ? GD_ACCESS_REPLACE : GD_ACCESS_CHANGE,
                                    &values, error);
    if (status != GD_OK)
        return status;
    values += ((target.y - all.y) * all.cols + target.x - all.x) * 3;
    const gd_rect from = gd_rect_move(w->rect, c->from->at.y, c->from->at.x);
    const gd_rect to = gd_rect_move(target, c->to->at.y, c->to->at.x);
    status = c->engine->backend->resample(c->engine->device, c->rows, c->cols, w->pixels, from, values, to,
                                          all.cols * 3, error);
    gd_plane_unpin(c->to->pixels, piece->block);
    return status;
}

static gd_status run_wave(change *c, int64_t wave, gd_error *error)
{
    gd_exchange *exchange = NULL;
    gd_status status = list_wave(c, wave, error);
    if (status == GD_OK)
        status = gd_gather_begin(c->comm, c->from->pixels, c->windows, c->count, &exchange, error);
    if (status == GD_OK)
        status = gd_exchange_end(&exchange, error);
    for (size_t i = 0; status == GD_OK && i < c->count; i++) {
        if (c->windows[i].pixels && c->rows)
            status = resample_piece(c, &c->windows[i], &c->pieces[i], error);
        else if (c->windows[i].pixels)
            gd_plane_unpin(c->to->pixels, c->pieces[i].block);
    }
    /* must be done before the next wave's sources arrive */
    return status == GD_OK ? gd_engine_finish(c->engine, error) : status;
}

static gd_status check_source(const change *c, gd_error *error)
{
    const gd_rect all = {0, 0, c->to->at.rows, c->to->at.cols},
                  had = {0, 0, c->from->at.rows, c->from->at.cols};
    const gd_rect source = gd_resample_source(&c->cut, all);
    if (gd_rect_area(gd_rect_intersect(source, had)) == gd_rect_area(source))
        return GD_OK;
    return gd_fail(error, GD_INTERNAL, "a part of the canvas does not hold what the next one needs");
}

static gd_status hold_lists(change *c, gd_error *error)
{
    const size_t most = (size_t)c->to->partition->ranks * (size_t)c->cut.wave_pieces;
    c->windows = calloc(most, sizeof *c->windows);
    c->pieces = calloc(most, sizeof *c->pieces);
    if (c->windows && c->pieces)
        return GD_OK;
    return gd_no_memory(error, "resampling the canvas; use more ranks");
}

gd_status gd_canvas_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind,
                             const gd_canvas *from, gd_canvas *to, gd_error *error)
{
    const bool same = gd_extent_same(from->full, to->full);
    change c = {.comm = comm, .engine = engine, .from = from, .to = to};
    gd_status status = GD_OK;
    if (!same)
        status = gd_resampler_create(kind, from->full.rows, to->full.rows, &c.rows, error);
    if (status == GD_OK && !same)
        status = gd_resampler_create(kind, from->full.cols, to->full.cols, &c.cols, error);
    if (status == GD_OK) {
        c.cut = gd_resample_cut_create(to->partition, c.rows, c.cols);
        c.cut.from = from->at;
        c.cut.to = to->at;
        status = check_source(&c, error);
    }
    if (status == GD_OK)
        status = hold_lists(&c, error);
    if (status == GD_OK)
        status = hold_sources(&c, error);
    for (int64_t wave = 0; status == GD_OK && wave < c.cut.waves; wave++)
        status = run_wave(&c, wave, error);
    if (c.sources)
        gd_memory_release(to->pixels->memory, GD_FOR_WINDOWS, &c.sources);
    gd_resampler_free(c.rows);
    gd_resampler_free(c.cols);
    free(c.windows);
    free(c.pieces);
    return status;
}
