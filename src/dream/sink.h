/* Where a canvas goes. */
#ifndef GD_DREAM_SINK_H
#define GD_DREAM_SINK_H

#include "base/status.h"
#include "dream/engine.h"
#include "dream/stage.h"
#include "image/picture.h"
#include "mpi/comm.h"

/* Writes the canvas as a picture of its size (rows and cols of `options` are set here) from rank 0; the file
 * appears under `path` when it is whole. path and options count on rank 0 only. Collective. */
gd_status gd_sink_file(gd_comm *comm, const gd_engine *engine, gd_stage *stage, const char *path,
                       const gd_writer_options *options, gd_error *error) GD_CHECKED;

#endif
