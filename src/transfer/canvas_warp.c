/* Warps a canvas: each piece of a block gets the rectangle of the old canvas that its pixels come from. */
#include "transfer/canvas_warp.h"

#include "transfer/pieces.h"

typedef struct warping {
    const gd_engine *engine;
    const gd_warp *warp;
    const gd_resample_cut *cut;
    const gd_plane *offsets; /* NULL: none */
} warping;

static gd_status warp_with(const warping *w, const gd_piece *piece, const float *offsets, gd_error *error)
{
    return w->engine->backend->warp(w->engine->device, w->warp, offsets, piece->source, piece->source_at,
                                    piece->values, piece->at, piece->stride, error);
}

/* The offsets of a piece are this rank's: both planes have one partition. */
static gd_status warp_piece(void *context, const gd_piece *piece, gd_error *error)
{
    const warping *w = context;
    if (!w->offsets)
        return warp_with(w, piece, NULL, error);
    const gd_partition *partition = w->cut->partition;
    const int64_t block = partition->order[piece->index / (w->cut->parts * w->cut->parts)];
    const gd_rect all = gd_partition_block(partition, block);
    float *offsets = NULL;
    gd_status status = gd_plane_pin(w->offsets, block, GD_ACCESS_READ, &offsets, error);
    if (status != GD_OK)
        return status;
    offsets += (piece->at.y - all.y) * piece->stride + (piece->at.x - all.x) * 3;
    status = warp_with(w, piece, offsets, error);
    gd_plane_unpin(w->offsets, block);
    return status;
}

gd_resample_cut gd_canvas_warp_cut(const gd_partition *partition, const gd_warp *warp, bool offsets)
{
    gd_warp largest = *warp;
    if (offsets)
        largest.offsets = gd_offsets_largest();
    gd_resample_cut cut = gd_resample_cut_warp(partition, &largest);
    cut.warp = warp;
    return cut;
}

gd_status gd_canvas_warp(gd_comm *comm, const gd_engine *engine, const gd_warp *warp,
                         const gd_canvas *offsets, const gd_canvas *from, gd_canvas *to, gd_error *error)
{
    const gd_resample_cut cut = gd_canvas_warp_cut(to->partition, warp, offsets);
    warping w = {engine, warp, &cut, offsets ? offsets->pixels : NULL};
    const gd_pieces pieces = {.comm = comm,
                              .engine = engine,
                              .from = from->pixels,
                              .to = to->pixels,
                              .cut = &cut,
                              .access = GD_ACCESS_REPLACE,
                              .work = warp_piece,
                              .context = &w};
    return gd_pieces_run(&pieces, error);
}
