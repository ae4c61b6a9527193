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
 * memory), which is made when the first row is read. Opening takes no more than `allowance` has left (NULL:
 * no bound but the fixed ones); afterwards that has as much left as before, since the plan counts what is
 * held. */
gd_status gd_reader_open(const char *path, const char *folder, gd_allowance *allowance, gd_reader **reader,
                         gd_error *error) GD_CHECKED;
const gd_picture_info *gd_reader_info(const gd_reader *reader);

/* The next `count` rows, from the top: rgb is [count, cols, 3]. */
gd_status gd_reader_rows(gd_reader *reader, int64_t count, float *rgb, gd_error *error) GD_CHECKED;

/* Warnings that came up while rows were read, though the pixels are right; "": none. */
const char *gd_reader_late_warning(const gd_reader *reader);
void gd_reader_close(gd_reader *reader); /* NULL is fine */

/* Opens `path`, which gd_reader_open has opened before within an allowance, and resamples it on the way
 * (Lanczos-3, antialiased) to rows x cols; the same calls then read it. */
gd_status gd_reader_open_resized(const char *path, const char *folder, int64_t rows, int64_t cols,
                                 gd_reader **reader, gd_error *error) GD_CHECKED;

/* GD_USAGE, naming `path`, unless the reader's file is the one that `first` was of, and still as it was then;
 * before its first row, and again after the last. */
gd_status gd_reader_check(const gd_reader *reader, const gd_file_identity *first, gd_error *error) GD_CHECKED;

#endif
