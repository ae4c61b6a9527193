/* From one canvas to another of another size, or on other ranks. */
#ifndef GD_TRANSFER_CANVAS_RESAMPLE_H
#define GD_TRANSFER_CANVAS_RESAMPLE_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/resample.h"
#include "mpi/comm.h"

/* Sets the pixels of `to`, resampled from those of `from`: between parts of canvases to what they are when
 * the full ones are resampled. Where the full ones have one size they are copied. GD_INTERNAL when `from`
 * does not hold all that `to` is made of. Collective. */
gd_status gd_canvas_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind,
                             const gd_canvas *from, gd_canvas *to, gd_error *error) GD_CHECKED;

#endif
