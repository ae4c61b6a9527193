/* Warping of a canvas onto another of the same size. */
#ifndef GD_TRANSFER_CANVAS_WARP_H
#define GD_TRANSFER_CANVAS_WARP_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/warp.h"
#include "mpi/comm.h"

/* Sets all pixels of `to` by warping `from`, whole canvases of one size. Collective. */
gd_status gd_canvas_warp(gd_comm *comm, const gd_engine *engine, const gd_warp *warp, const gd_canvas *from,
                         gd_canvas *to, gd_error *error) GD_CHECKED;

#endif
