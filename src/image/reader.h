/* Pictures in files, read as a stream of rows: float32 RGB in [-1, 1]. */
#ifndef GD_IMAGE_READER_H
#define GD_IMAGE_READER_H

#include "base/allowance.h"
#include "base/file.h"
#include "base/status.h"
#include "image/profile.h"

#include <stdint.h>

typedef struct gd_reader gd_reader;

typedef struct gd_picture_info {
    int64_t rows, cols;  /* upright: EXIF orientation is applied */
    int32_t bits;        /* of the file's samples: 8 or 16 */
    gd_profile profile;  /* owned by the reader */
    uint64_t held_bytes; /* maximum memory for reading, without the caller's rows and resampling: some rows,
                          * or the whole picture if it cannot be read from the top */
    uint64_t waiting_bytes; /* of the temporary file for a picture that is turned upright; 0: none */
    const char *warning;    /* sentences without the file's name ("its transparency was ignored"); NULL: none;
                               owned by the reader */
    gd_file_identity file;  /* of the file that was opened */
} gd_picture_info;

/* Opens a JPEG, PNG, TIFF, WebP, HEIC or AVIF, recognised by its first bytes. GD_USAGE for anything that
 * cannot be read. A large picture that EXIF rotates is buffered in a nameless file in `folder` (on a disk;
 * NULL or "": in memory), which is created when the first row is read. Opening takes no more memory than
 * `allowance` has left (NULL: only fixed limits), and gives it back to the allowance, because the plan counts
 * held_bytes. */
gd_status gd_reader_open(const char *path, const char *folder, gd_allowance *allowance, gd_reader **reader,
                         gd_error *error) GD_CHECKED;
const gd_picture_info *gd_reader_info(const gd_reader *reader);

/* Reads the next `count` rows, from the top: rgb is [count, cols, 3]. */
gd_status gd_reader_rows(gd_reader *reader, int64_t count, float *rgb, gd_error *error) GD_CHECKED;

/* Warnings from reading rows, whose pixels are nevertheless correct; "": none. Owned by the reader. */
const char *gd_reader_late_warning(const gd_reader *reader);
void gd_reader_close(gd_reader *reader); /* NULL is fine */

/* Opens `path` and resamples it while it is read (Lanczos-3, antialiased) to rows x cols. It has no
 * allowance, so gd_reader_open must have opened the same file within one before. */
gd_status gd_reader_open_resized(const char *path, const char *folder, int64_t rows, int64_t cols,
                                 gd_reader **reader, gd_error *error) GD_CHECKED;

/* GD_USAGE, naming the file, if it is not the file of `first`, or has changed since. Call it before the first
 * row and after the last. */
gd_status gd_reader_check(const gd_reader *reader, const gd_file_identity *first, gd_error *error) GD_CHECKED;

#endif
