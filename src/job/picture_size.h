/* The picture's size from -img_max_dim, --enlarge, --size or --print. */
#ifndef GD_JOB_PICTURE_SIZE_H
#define GD_JOB_PICTURE_SIZE_H

#include "options/options.h"

#include <stdint.h>

typedef struct gd_picture_size {
    int64_t rows, cols;
    char why[800]; /* explanation if the size may be unexpected; else "" */
} gd_picture_size;

/* Computes the size from the input's, which is ignored for noise. Keeps the aspect ratio; each side has at
 * least one pixel. */
void gd_picture_size_find(const gd_options *options, int64_t input_rows, int64_t input_cols,
                          gd_picture_size *size);

#endif
