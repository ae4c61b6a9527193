/* Goes through the pieces of a plane in waves: gathers what they depend on, then works on each. */
#include "transfer/pieces.h"

#include <stdlib.h>

typedef struct round {
    const gd_pieces *p;
    gd_memory *memory;         /* borrowed */
    gd_window *windows;        /* owned; all ranks' windows of a wave */
    gd_resample_piece *pieces; /* owned; the target of each window */
    size_t count;
    float *sources; /* owned; pixels of this rank's windows in a wave */
    float *scratch; /* owned */
} round;

void gd_pieces_of(const gd_resample_cut *cut, int32_t rank, int64_t *first, int64_t *end)
{
    const int64_t parts = cut->parts * cut->parts;
    gd_partition_run(cut->partition, rank, first, end);
    *first *= parts;
    *end *= parts;
}

/* Floats of this rank's sources in its largest wave. */
static int64_t most_floats(round *r)
{
    const gd_resample_cut *cut = r->p->cut;
    int64_t most = 0;
    for (int64_t wave = 0; wave < cut->waves; wave++) {
        int64_t sum = 0;
        r->count = gd_resample_cut_wave(cut, wave, r->windows, r->pieces);
        for (size_t i = 0; i < r->count; i++)
            if (r->windows[i].rank == gd_comm_rank(r->p->comm))
                sum += gd_resample_source_floats(r->windows[i].rect);
        most = sum > most ? sum : most;
    }
    return most;
}

static gd_status hold(const round *r, int64_t floats, float **values, gd_error *error)
{
    void *made = NULL;
    if (floats == 0)
        return GD_OK;
    const gd_status status =
        r->memory->class->allocate(r->memory, GD_FOR_WINDOWS, (size_t)floats * sizeof(float), &made, error);
    *values = made;
    return status;
}

static gd_status hold_all(round *r, gd_error *error)
{
    const gd_partition *partition = r->p->to->partition;
    const size_t most = (size_t)partition->ranks * (size_t)r->p->cut->wave_pieces;
    r->windows = calloc(most, sizeof *r->windows);
    r->pieces = calloc(most, sizeof *r->pieces);
    if (!r->windows || !r->pieces)
        return gd_no_memory(error, "the pieces of a canvas; use more ranks");
    if (gd_resample_cut_copies(r->p->cut))
        return GD_OK;
    const int64_t floats = most_floats(r);
    const gd_status status = hold(r, floats, &r->sources, error);
    return status == GD_OK && floats > 0 ? hold(r, r->p->scratch_floats, &r->scratch, error) : status;
}

/* Lists the windows of a wave and sets the memory of this rank's; without resamplers that is the pinned
 * blocks themselves. */
static gd_status list_wave(round *r, int64_t wave, gd_error *error)
{
    const int32_t me = gd_comm_rank(r->p->comm);
    float *next = r->sources;
    gd_status status = GD_OK;
    r->count = gd_resample_cut_wave(r->p->cut, wave, r->windows, r->pieces);
    for (size_t i = 0; status == GD_OK && i < r->count; i++) {
        gd_window *w = &r->windows[i];
        if (w->rank != me)
            continue;
        if (gd_resample_cut_copies(r->p->cut)) {
            status = gd_plane_pin(r->p->to, r->pieces[i].block, GD_ACCESS_REPLACE, &w->pixels, error);
        } else {
            w->pixels = next;
            next += gd_resample_source_floats(w->rect);
        }
    }
    return status;
}

/* The first piece of a block replaces its old values, the others keep them. */
static gd_status work_on(const round *r, const gd_window *w, const gd_resample_piece *piece, gd_error *error)
{
    const gd_pieces *p = r->p;
    const gd_partition *partition = p->to->partition;
    const gd_rect all = gd_partition_block(partition, piece->block), at = piece->target;
    const bool first = at.y == all.y && at.x == all.x;
    const int64_t part = (at.y - all.y) / p->cut->side * p->cut->parts + (at.x - all.x) / p->cut->side;
    gd_piece given = {.index = partition->place[piece->block] * p->cut->parts * p->cut->parts + part,
                      .at = at,
                      .stride = all.cols * 3,
                      .source = w->pixels,
                      .source_at = w->rect,
                      .scratch = r->scratch};
    const gd_access access = p->access == GD_ACCESS_REPLACE && !first ? GD_ACCESS_CHANGE : p->access;
    gd_status status = gd_plane_pin(p->to, piece->block, access, &given.values, error);
    if (status != GD_OK)
        return status;
    given.values += ((at.y - all.y) * all.cols + at.x - all.x) * 3;
    status = p->work(p->context, &given, error);
    gd_plane_unpin(p->to, piece->block);
    return status;
}

static gd_status run_wave(round *r, int64_t wave, gd_error *error)
{
    const gd_pieces *p = r->p;
    gd_exchange *exchange = NULL;
    gd_status status = list_wave(r, wave, error);
    if (status == GD_OK)
        status = gd_gather_begin(p->comm, p->from, r->windows, r->count, &exchange, error);
    if (status == GD_OK)
        status = gd_exchange_end(&exchange, error);
    for (size_t i = 0; status == GD_OK && i < r->count; i++) {
        if (r->windows[i].pixels && !gd_resample_cut_copies(p->cut))
            status = work_on(r, &r->windows[i], &r->pieces[i], error);
        else if (r->windows[i].pixels)
            gd_plane_unpin(p->to, r->pieces[i].block);
    }
    /* must be done before the next wave's sources arrive */
    return status == GD_OK ? gd_engine_finish(p->engine, error) : status;
}

gd_status gd_pieces_run(const gd_pieces *pieces, gd_error *error)
{
    round r = {.p = pieces, .memory = pieces->to->memory};
    gd_status status = hold_all(&r, error);
    for (int64_t wave = 0; status == GD_OK && wave < pieces->cut->waves; wave++)
        status = run_wave(&r, wave, error);
    gd_memory_release(r.memory, GD_FOR_WINDOWS, &r.sources);
    gd_memory_release(r.memory, GD_FOR_WINDOWS, &r.scratch);
    free(r.windows);
    free(r.pieces);
    return status;
}
