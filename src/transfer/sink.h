/* Output of a canvas to a picture file. */
#ifndef GD_TRANSFER_SINK_H
#define GD_TRANSFER_SINK_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/writer_options.h"
#include "mpi/comm.h"

/* Writes the canvas as a picture of its size (sets rows and cols of `options`). The file appears under `path`
 * when it is complete. A TIFF is compressed by all ranks and written by rank 0; other formats are compressed
 * by rank 0. The file is the same for any number of ranks. `profile` and `text` of `options` are used on rank
 * 0 only; all else must be the same on all ranks. Collective. */
gd_status gd_sink_file(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                       const gd_writer_options *options, gd_error *error) GD_CHECKED;

/* Memory that gd_sink_file needs on a rank of `ranks`, for a picture of options->rows x options->cols. */
typedef struct gd_sink_need {
    size_t windows; /* bytes of memory for windows, a device's or the host's */
    size_t host;    /* bytes of other host memory */
} gd_sink_need;

/* Memory that gd_sink_file needs on a rank. */
gd_sink_need gd_sink_bytes(gd_memory_kind kind, const gd_writer_options *options, int32_t ranks,
                           int32_t rank);

#endif
