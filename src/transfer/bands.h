/* Bands of rows: transfer of a picture between rank 0, which accesses the file, and the ranks that hold the
 * canvas. */
#ifndef GD_TRANSFER_BANDS_H
#define GD_TRANSFER_BANDS_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* Reads the next `count` rows from the top, [count, cols, 3]. Called on rank 0 only. */
typedef gd_status (*gd_band_read)(void *context, int64_t count, float *rgb, gd_error *error);

/* Writes the next rows, from floats or from samples of 8 or 16 bits made by the device: the other is NULL.
 * Called on rank 0 only. */
typedef gd_status (*gd_band_write)(void *context, int64_t count, const float *rgb, const void *samples,
                                   gd_error *error);

/* Scatters the bands that `read` fills into the canvas. A failure to read is returned on all ranks.
 * Collective.
 */
gd_status gd_bands_in(gd_comm *comm, gd_canvas *canvas, gd_band_read read, void *context,
                      gd_error *error) GD_CHECKED;

/* Gathers each band and passes it to `write`, as samples of `bits` if the device can make them. A failure to
 * write is returned on all ranks. Collective. */
gd_status gd_bands_out(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, int32_t bits,
                       gd_band_write write, void *context, gd_error *error) GD_CHECKED;

/* Bytes of GD_FOR_WINDOWS that either function uses on rank 0. */
size_t gd_bands_bytes(gd_memory_kind kind, int64_t cols);

#endif
