/* How large the picture becomes: -img_max_dim, --enlarge, --size or --print. */
#ifndef GD_JOB_PICTURE_SIZE_H
#define GD_JOB_PICTURE_SIZE_H

#include "options/options.h"

#include <stdint.h>

typedef struct gd_picture_size {
    int64_t rows, cols;
    char why[800]; /* what people may not expect of it; "": nothing */
} gd_picture_size;

/* From the input's pixels, which do not count for noise. The aspect is kept, and no side falls below one
 * pixel. */
void gd_picture_size_find(const gd_options *options, int64_t input_rows, int64_t input_cols,
                          gd_picture_size *size);

#endif
