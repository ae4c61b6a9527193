/* From one canvas to another of another size, or on other ranks. */
#ifndef GD_TRANSFER_CANVAS_RESAMPLE_H
#define GD_TRANSFER_CANVAS_RESAMPLE_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/resample.h"
#include "mpi/comm.h"

/* Sets the pixels of `to`, resampled from those of `from`; from one of the same size they are copied.
 * Collective. */
gd_status gd_canvas_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind,
                             const gd_canvas *from, gd_canvas *to, gd_error *error) GD_CHECKED;

#endif
