/* Warping of a canvas onto another of the same size. */
#ifndef GD_TRANSFER_CANVAS_WARP_H
#define GD_TRANSFER_CANVAS_WARP_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/warp.h"
#include "mpi/comm.h"
#include "transfer/resample_cut.h"

/* How far a pixel's own offset may reach, in pixels of the canvas: it bounds memory and messages. */
enum { GD_OFFSET_MOST = 512 };

static inline gd_offsets gd_offsets_largest(void)
{
    return (gd_offsets){-GD_OFFSET_MOST, GD_OFFSET_MOST, -GD_OFFSET_MOST, GD_OFFSET_MOST};
}

/* The pieces in which a canvas is warped; with `offsets`, they are as small as the largest offsets need,
 * whatever they are, so that memory is that of the plan. */
gd_resample_cut gd_canvas_warp_cut(const gd_partition *partition, const gd_warp *warp, bool offsets);

/* Sets all pixels of `to` by warping `from`, whole canvases of one size. `offsets` (or NULL): a canvas of
 * that size whose pixels are what `offsets` of gd_backend's warp has, within warp->offsets. Collective. */
gd_status gd_canvas_warp(gd_comm *comm, const gd_engine *engine, const gd_warp *warp,
                         const gd_canvas *offsets, const gd_canvas *from, gd_canvas *to,
                         gd_error *error) GD_CHECKED;

#endif
