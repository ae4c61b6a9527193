/* Output of a canvas as tiles for the web. */
#ifndef GD_TRANSFER_WEB_SINK_H
#define GD_TRANSFER_WEB_SINK_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "mpi/comm.h"
#include "transfer/sink.h"
#include "web/tiles.h"

/* Writes all levels of the canvas (sets rows and cols of `options`): every rank gathers its columns and
 * writes their tiles into the folder, and rank 0 the few of the smallest levels. The files are the same for
 * any number of ranks, and those of gd_web_tiles_row. `path` is for messages. A failure on one rank is
 * returned on all. Collective. */
gd_status gd_web_sink(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                      const gd_web_tiles_options *options, gd_error *error) GD_CHECKED;

/* Memory that gd_web_sink needs on a rank, for a canvas of this size. */
gd_sink_need gd_web_sink_bytes(gd_memory_kind kind, int64_t rows, int64_t cols, int32_t ranks, int32_t rank);

#endif
