/* Pictures in files: read and written as streams of rows, float32 RGB in [-1, 1]. */
#ifndef GD_IMAGE_PICTURE_H
#define GD_IMAGE_PICTURE_H

#include "base/file.h"
#include "base/status.h"
#include "base/target.h"
#include "text/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What comes with the pixels and is carried to the output. */
typedef struct gd_profile {
    uint8_t *icc; /* owned; an RGB profile (another is dropped on reading); NULL: none, sRGB is meant */
    size_t icc_bytes;
    double dpi_x, dpi_y; /* 0: unknown */
} gd_profile;

void gd_profile_free(gd_profile *profile);

/* The longest side that is read or written, in pixels. */
enum { GD_PICTURE_SIDE_MAX = 10000000 };

/* Of the sentences about a picture, together. */
enum { GD_WARNING_BYTES = 512 };

typedef struct gd_reader gd_reader;

typedef struct gd_picture_info {
    int64_t rows, cols;  /* upright: EXIF orientation is applied */
    gd_profile profile;  /* owned by the reader */
    uint64_t held_bytes; /* of memory that reading takes at most, beside the rows that are asked for and what
                            resampling takes: some rows of most pictures, all of one that cannot be read from
                            the top */
    uint64_t waiting_bytes; /* of the file in which a picture waits that is turned upright; 0: it has none */
    const char *warning; /* sentences without the file's name (alpha was dropped, say), or NULL; owned by the
                            reader */
    gd_file_identity file; /* of the file that was opened */
} gd_picture_info;

/* Opens a JPEG, PNG or TIFF, told by its first bytes. GD_USAGE with a sentence for anything that cannot be
 * read. A large picture that EXIF turns waits in a file without a name in `folder` (on a disk; NULL or "": in
 * memory), which is made when the first row is read. */
gd_status gd_reader_open(const char *path, const char *folder, gd_reader **reader,
                         gd_error *error) GD_CHECKED;
const gd_picture_info *gd_reader_info(const gd_reader *reader);

/* The next `count` rows, from the top: rgb is [count, cols, 3]. */
gd_status gd_reader_rows(gd_reader *reader, int64_t count, float *rgb, gd_error *error) GD_CHECKED;

/* What was found to be wrong, though not with the pixels, while rows were read; "": nothing. */
const char *gd_reader_late_warning(const gd_reader *reader);
void gd_reader_close(gd_reader *reader); /* NULL is fine */

/* Opens `path` and resamples it on the way (Lanczos-3, antialiased) to rows x cols; the same calls then read
 * it. */
gd_status gd_reader_open_resized(const char *path, const char *folder, int64_t rows, int64_t cols,
                                 gd_reader **reader, gd_error *error) GD_CHECKED;

/* GD_USAGE, naming `path`, unless the reader's file is the one that `first` was of, and still as it was then;
 * before its first row, and again after the last. */
gd_status gd_reader_check(const gd_reader *reader, const gd_file_identity *first, gd_error *error) GD_CHECKED;

typedef enum gd_file_kind { GD_FILE_TIFF, GD_FILE_JPEG, GD_FILE_PNG } gd_file_kind;

/* By extension (.tif .tiff .jpg .jpeg .png, any case). A name without one gets .tif added; another is
 * refused. `full` receives the completed name. */
gd_status gd_file_kind_of(const char *name, gd_file_kind *kind, char *full, size_t full_bytes,
                          gd_error *error) GD_CHECKED;

/* Of the tiles of a TIFF. JPEG is of 8 bits, quality 95, YCbCr without subsampling; all others lose nothing,
 * and but for NONE store differences between neighbours. */
typedef enum gd_compression {
    GD_COMPRESSION_DEFLATE,
    GD_COMPRESSION_LZW,
    GD_COMPRESSION_ZSTD,
    GD_COMPRESSION_JPEG,
    GD_COMPRESSION_NONE
} gd_compression;

/* AUTO: a classic TIFF where 4 GB suffice in the worst case. */
typedef enum gd_bigtiff { GD_BIGTIFF_AUTO, GD_BIGTIFF_ALWAYS, GD_BIGTIFF_NEVER } gd_bigtiff;

/* The enumerators as the command line names them. */
extern const gd_word gd_compression_words[];
extern const gd_word gd_bigtiff_words[];

typedef struct gd_writer gd_writer;

typedef struct gd_writer_options {
    gd_file_kind kind;
    int64_t rows, cols;
    int32_t bits;               /* 8 or 16 (not JPEG) */
    gd_compression compression; /* TIFF, as are the next two */
    gd_bigtiff bigtiff;
    bool pyramid; /* pages of half the size, a quarter ... follow, down to one tile; each sample is the mean
                     of the 2 x 2 above it, or of those that are there, rounded half up */
    int32_t tiled_pages; /* of a TIFF: the first so many pages come as compressed tiles (image/strip.h), and
                            rows are those of the page after them; 0: all pages are made of the rows */
    const gd_profile *profile; /* borrowed; may be NULL */
    const char *text;          /* borrowed; parameters and seed for the file's text field; may be NULL */
    gd_target *target;         /* borrowed; where the file is written; NULL: where `path` says, by no owner */
} gd_writer_options;

/* Whether an open file is a picture that this program wrote: its text field begins as ours do. Leaves the
 * place in the file alone. */
bool gd_picture_is_ours(int fd);

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
