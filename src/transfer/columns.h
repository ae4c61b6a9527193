/* The way of a canvas into a TIFF: all ranks compress, each a run of columns, and rank 0 appends. */
#ifndef GD_TRANSFER_COLUMNS_H
#define GD_TRANSFER_COLUMNS_H

#include "base/memory.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/tiff/tiff_column_cut.h"
#include "image/writer.h"
#include "mpi/comm.h"
#include "mpi/exchange.h"

/* Writes the whole canvas, a row of tiles after the other: each rank gathers its run of columns, makes
 * samples, compresses their tiles and those of the smaller pages, while rank 0 writes those of the row
 * before. `options` has the canvas's size, `cut` is theirs for all ranks; `writer` counts on rank 0 only, and
 * its tiled_pages are the cut's. When something fails on one rank, all get its status and sentence.
 * Collective. */
gd_status gd_columns_out(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                         const gd_writer_options *options, const gd_column_cut *cut, gd_writer *writer,
                         gd_error *error) GD_CHECKED;

/* Lists what each rank gathers of the canvas for the row of tiles that begins at row y: one window for each
 * rank that has columns; windows has room for cut->parts. Returns how many; no pixels are set. */
size_t gd_columns_list(const gd_column_cut *cut, int64_t y, gd_window *windows);

/* Bytes that it takes on a rank: of memory for windows, a device's or the host's; and of the host's beside
 * that, for staging, samples, tiles, what is compressed (counted as large as its tiles), and on rank 0 the
 * writer. They depend on the width, not on the number of rows. */
size_t gd_columns_window_bytes(gd_memory_kind kind, const gd_column_cut *cut, int32_t rank);
size_t gd_columns_host_bytes(gd_memory_kind kind, const gd_writer_options *options, const gd_column_cut *cut,
                             int32_t rank);

#endif
