/* Writing a canvas by columns: every rank makes the tiles of a run of columns. */
#ifndef GD_TRANSFER_COLUMNS_H
#define GD_TRANSFER_COLUMNS_H

#include "base/memory.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/tiff/tiff_column_cut.h"
#include "mpi/comm.h"
#include "mpi/exchange/exchange.h"
#include "transfer/columns_sink.h"

/* Writes the whole canvas by rows of tiles: each rank gathers its columns, converts them to samples, and
 * makes their tiles and those of the smaller pages, while rank 0 takes what was sent of the previous row.
 * `options` has the size of the canvas; `cut` is made from it for all ranks; all ranks' `sink` is of the same
 * kind. A failure on one rank is returned on all. Collective. */
gd_status gd_columns_out(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                         const gd_writer_options *options, const gd_column_cut *cut,
                         const gd_columns_sink *sink, gd_error *error) GD_CHECKED;

/* Lists the windows that ranks gather for the row of tiles at row y, one for each rank that has columns.
 * windows: [cut->parts]. Returns how many; no pixels are set. */
size_t gd_columns_list(const gd_column_cut *cut, int64_t y, gd_window *windows);

/* Memory of gd_columns_out on a rank: bytes of GD_FOR_WINDOWS, and bytes of other host memory for staging,
 * samples, tiles, compressed tiles (counted uncompressed) unless tiles `stay` on their rank, and on rank 0
 * the remaining pages. They depend on the width, not on the number of rows. */
size_t gd_columns_window_bytes(gd_memory_kind kind, const gd_column_cut *cut, int32_t rank);
size_t gd_columns_host_bytes(gd_memory_kind kind, const gd_writer_options *options, const gd_column_cut *cut,
                             bool stay, int32_t rank);

#endif
