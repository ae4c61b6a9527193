/* A canvas that changes its size. */
#ifndef GD_TRANSFER_CANVAS_RESAMPLE_H
#define GD_TRANSFER_CANVAS_RESAMPLE_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/resample.h"
#include "mpi/comm.h"

/* Replaces *canvas by one of rows x cols pixels on the first `ranks` ranks, resampled from it; one of the
 * same size is copied as it is. Collective. */
gd_status gd_canvas_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind, int64_t rows,
                             int64_t cols, int32_t ranks, gd_canvas **canvas, gd_error *error) GD_CHECKED;

#endif
