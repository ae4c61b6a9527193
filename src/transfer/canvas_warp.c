/* Warps a canvas: each piece of a block gets the rectangle of the old canvas that its pixels come from. */
#include "transfer/canvas_warp.h"

#include "transfer/pieces.h"

typedef struct warping {
    const gd_engine *engine;
    const gd_warp *warp;
} warping;

static gd_status warp_piece(void *context, const gd_piece *piece, gd_error *error)
{
    const warping *w = context;
    return w->engine->backend->warp(w->engine->device, w->warp, piece->source, piece->source_at,
                                    piece->values, piece->at, piece->stride, error);
}

gd_status gd_canvas_warp(gd_comm *comm, const gd_engine *engine, const gd_warp *warp, const gd_canvas *from,
                         gd_canvas *to, gd_error *error)
{
    warping w = {engine, warp};
    const gd_resample_cut cut = gd_resample_cut_warp(to->partition, warp);
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
