/* Pictures written to files as a stream of rows: float32 RGB in [-1, 1]. */
#ifndef GD_IMAGE_WRITER_H
#define GD_IMAGE_WRITER_H

#include "base/status.h"
#include "image/writer_options.h"

#include <stddef.h>
#include <stdint.h>

typedef struct gd_writer gd_writer;

/* Checks before the render starts that the picture can be written: size limits of the format (JPEG 65,500 px,
 * classic TIFF 4 GB), the compression is available, the folder is writable, an existing file can be replaced
 * (gd_target_check), and the disk has enough free space. */
gd_status gd_writer_check(const char *path, const gd_writer_options *options, gd_error *error) GD_CHECKED;

/* Maximum bytes of disk in use at a time while writing noise, which cannot be compressed, nameless files
 * included. */
double gd_writer_disk_bytes(const gd_writer_options *options);

/* Opens a temporary file in the folder of `path`; smaller pages of a pyramid are buffered in nameless files
 * there. Messages name `path`. End it with gd_writer_finish or gd_writer_abandon. */
gd_status gd_writer_open(const char *path, const gd_writer_options *options, gd_writer **writer,
                         gd_error *error) GD_CHECKED;

/* Converts values[count] in [-1, 1] to samples of 8 or 16 bits, rounded to nearest; NaN becomes 0. */
void gd_picture_samples(const float *values, int64_t count, int32_t bits, void *samples);

/* Writes the next `count` rows, from the top: [count, cols, 3] in [-1, 1]. */
gd_status gd_writer_rows(gd_writer *writer, int64_t count, const float *rgb, gd_error *error) GD_CHECKED;

/* The same for converted samples: [count, cols, 3] of the file's 8 or 16 bits. */
gd_status gd_writer_samples(gd_writer *writer, int64_t count, const void *samples,
                            gd_error *error) GD_CHECKED;

/* Writes a compressed tile of one of the `tiled_pages`; `number` is its row-major index in the page. Each
 * tile is written once; tiles of the picture are stored in the order of calls. */
gd_status gd_writer_tile(gd_writer *writer, int32_t page, int64_t number, const void *data, size_t bytes,
                         gd_error *error) GD_CHECKED;

/* Flushes to disk and renames to `path`, which holds the old file until then (gd_target_commit). Frees the
 * writer in any case. After a failure the temporary file is removed, unless it is complete and only the
 * rename failed. */
gd_status gd_writer_finish(gd_writer *writer, gd_error *error) GD_CHECKED;

/* Removes the temporary file and frees the writer. NULL is fine. */
void gd_writer_abandon(gd_writer *writer);

#endif
