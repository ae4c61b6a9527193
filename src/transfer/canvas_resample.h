/* Resampling of a canvas to another size or other ranks. */
#ifndef GD_TRANSFER_CANVAS_RESAMPLE_H
#define GD_TRANSFER_CANVAS_RESAMPLE_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/resample.h"
#include "mpi/comm.h"

/* Sets all pixels of `to` by resampling `from`. Parts of canvases get the same pixels as when the full
 * canvases are resampled. Pixels are copied if the full canvases have the same size. GD_INTERNAL if `from`
 * lacks pixels that `to` needs. Collective. */
gd_status gd_canvas_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind,
                             const gd_canvas *from, gd_canvas *to, gd_error *error) GD_CHECKED;

#endif
