/* Previews: small pictures of the canvas during a render. */
#ifndef GD_TRANSFER_PREVIEW_H
#define GD_TRANSFER_PREVIEW_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/writer_options.h"
#include "mpi/comm.h"

/* Writes the canvas from rank 0, resampled (Lanczos-3) to the rows and cols of `options`. The file appears
 * under `path` when it is complete. The canvas is sent in bands, so rank 0 holds only one band and the small
 * picture. `path` and `options` are used on rank 0 only. All ranks get the same status; after GD_USAGE, GD_IO
 * or GD_MEMORY the render can continue. Collective. */
gd_status gd_preview_file(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                          const gd_writer_options *options, gd_error *error) GD_CHECKED;

#endif
