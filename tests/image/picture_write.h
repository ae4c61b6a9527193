/* Writes whole pictures, for tests to read them again. */
#ifndef GD_TESTS_IMAGE_PICTURE_WRITE_H
#define GD_TESTS_IMAGE_PICTURE_WRITE_H

#include "check.h"
#include "image/writer.h"

/* By gd_file_kind. */
extern const char *const PICTURE_NAMES[];

/* What is tried of all: each kind, and the pyramid; of no size yet. */
enum { WRITER_KIND_COUNT = 4 };
extern const gd_writer_options WRITER_KINDS[WRITER_KIND_COUNT];

/* [rows, cols, 3] values that lie on the levels of `bits`; owned by the caller. */
float *levels(int64_t rows, int64_t cols, int bits);

/* [rows, cols, 3] of noise, which does not shrink (Marsaglia 2003); owned by the caller. */
float *noise(int64_t rows, int64_t cols);

/* Writes `rgb` [rows, cols, 3] in bands of `band` rows; leaves at the first failure. */
gd_status picture_write(const char *path, const gd_writer_options *options, const float *rgb, int64_t band,
                        gd_error *error);

#endif
