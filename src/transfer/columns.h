/* Writing a canvas as a TIFF by columns: every rank compresses a run of columns, and rank 0 appends. */
#ifndef GD_TRANSFER_COLUMNS_H
#define GD_TRANSFER_COLUMNS_H

#include "base/memory.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/tiff/tiff_column_cut.h"
#include "image/writer.h"
#include "mpi/comm.h"
#include "mpi/exchange/exchange.h"

/* Writes the whole canvas by rows of tiles: each rank gathers its columns, converts them to samples, and
 * compresses their tiles and those of the smaller pages, while rank 0 appends those of the previous row.
 * `options` has the size of the canvas; `cut` is made from it for all ranks; `writer` is used on rank 0 only,
 * and its tiled_pages are the cut's. A failure on one rank is returned on all. Collective. */
gd_status gd_columns_out(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                         const gd_writer_options *options, const gd_column_cut *cut, gd_writer *writer,
                         gd_error *error) GD_CHECKED;

/* Lists the windows that ranks gather for the row of tiles at row y, one for each rank that has columns.
 * windows: [cut->parts]. Returns how many; no pixels are set. */
size_t gd_columns_list(const gd_column_cut *cut, int64_t y, gd_window *windows);

/* Memory of gd_columns_out on a rank: bytes of GD_FOR_WINDOWS, and bytes of other host memory for staging,
 * samples, tiles, compressed tiles (counted uncompressed) and, on rank 0, the writer. They depend on the
 * width, not on the number of rows. */
size_t gd_columns_window_bytes(gd_memory_kind kind, const gd_column_cut *cut, int32_t rank);
size_t gd_columns_host_bytes(gd_memory_kind kind, const gd_writer_options *options, const gd_column_cut *cut,
                             int32_t rank);

#endif
