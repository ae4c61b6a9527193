/* Pictures written to files as a stream of rows: float32 RGB in [-1, 1]. */
#ifndef GD_IMAGE_WRITER_H
#define GD_IMAGE_WRITER_H

#include "base/status.h"
#include "image/writer_options.h"

#include <stddef.h>
#include <stdint.h>

typedef struct gd_writer gd_writer;

/* Checks what can be known before the render starts: size limits of the format (JPEG 65,500 px, classic TIFF
 * 4 GB), that the compression is there, that the folder is there and writable, that what stands under the
 * name can be replaced (gd_target_check), and that the disk has room. */
gd_status gd_writer_check(const char *path, const gd_writer_options *options, gd_error *error) GD_CHECKED;

/* Bytes of disk that writing may take at a time, at most: of noise, which no compression makes smaller, with
 * what waits in nameless files. */
double gd_writer_disk_bytes(const gd_writer_options *options);

/* Writes beside `path` under a temporary name; the smaller pages of a pyramid wait in nameless files there.
 * `path` is what sentences name. */
gd_status gd_writer_open(const char *path, const gd_writer_options *options, gd_writer **writer,
                         gd_error *error) GD_CHECKED;

/* samples[count] of 8 or 16 bits of values in [-1, 1], as the file has them: to the nearest, what is no
 * number becomes 0. */
void gd_picture_samples(const float *values, int64_t count, int32_t bits, void *samples);

/* The next `count` rows, from the top, [count, cols, 3] in [-1, 1]. */
gd_status gd_writer_rows(gd_writer *writer, int64_t count, const float *rgb, gd_error *error) GD_CHECKED;

/* The same of samples that are made already, [count, cols, 3] of the file's 8 or 16 bits. */
gd_status gd_writer_samples(gd_writer *writer, int64_t count, const void *samples,
                            gd_error *error) GD_CHECKED;

/* A compressed tile of one of `tiled_pages`: `number` counts a page's tiles row by row. Each comes once;
 * those of the picture lie in the file in the order in which they come. */
gd_status gd_writer_tile(gd_writer *writer, int32_t page, int64_t number, const void *data, size_t bytes,
                         gd_error *error) GD_CHECKED;

/* Flushes to disk and renames to `path`, which holds the old file until then (gd_target_commit). Frees the
 * writer in any case; on failure the temporary file is removed, unless it is whole and only its name was
 * refused. */
gd_status gd_writer_finish(gd_writer *writer, gd_error *error) GD_CHECKED;

/* Gives up: removes the temporary file. NULL is fine. */
void gd_writer_abandon(gd_writer *writer);

#endif
