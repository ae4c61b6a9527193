/* Sink of a canvas: a picture file. */
#ifndef GD_TRANSFER_SINK_H
#define GD_TRANSFER_SINK_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/writer_options.h"
#include "mpi/comm.h"

/* Writes the canvas as a picture of its size (rows and cols of `options` are set here); the file appears
 * under `path` when it is whole. All ranks compress a TIFF, and rank 0 appends; it alone writes the others.
 * Its bytes are the same for any number of ranks. profile and text of options count on rank 0 only, all else
 * is the same on all. Collective. */
gd_status gd_sink_file(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                       const gd_writer_options *options, gd_error *error) GD_CHECKED;

/* What that takes on a rank of `ranks`, for a picture of options->rows x options->cols. */
typedef struct gd_sink_need {
    size_t windows; /* bytes of memory for windows, a device's or the host's */
    size_t host;    /* bytes of the host's beside it */
} gd_sink_need;

gd_sink_need gd_sink_bytes(gd_memory_kind kind, const gd_writer_options *options, int32_t ranks,
                           int32_t rank);

#endif
