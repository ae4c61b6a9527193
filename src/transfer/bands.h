/* Bands of rows: how a picture passes between rank 0, which holds the file, and the ranks that hold the
 * canvas. */
#ifndef GD_TRANSFER_BANDS_H
#define GD_TRANSFER_BANDS_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* Reads `count` rows, [count, cols, 3], the next ones from the top. Called on rank 0 only, as is the writer.
 */
typedef gd_status (*gd_band_read)(void *context, int64_t count, float *rgb, gd_error *error);

/* Writes them, from floats, or from samples of 8 or 16 bits where the device has made them: one of the two is
 * NULL. */
typedef gd_status (*gd_band_write)(void *context, int64_t count, const float *rgb, const void *samples,
                                   gd_error *error);

/* `read` fills each band, which is scattered into the canvas. When a read fails, all ranks get its status and
 * sentence. Collective. */
gd_status gd_bands_in(gd_comm *comm, gd_canvas *canvas, gd_band_read read, void *context,
                      gd_error *error) GD_CHECKED;

/* Each band is gathered and handed to `write`, which wants samples of so many bits. When a write fails, all
 * ranks get its status and sentence. Collective. */
gd_status gd_bands_out(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, int32_t bits,
                       gd_band_write write, void *context, gd_error *error) GD_CHECKED;

/* Bytes of memory for windows that a pass takes on rank 0, in or out, in device memory or in the host's. */
size_t gd_bands_bytes(gd_memory_kind kind, int64_t cols);

#endif
