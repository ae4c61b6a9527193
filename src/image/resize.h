/* Resampling of a stream of rows: Lanczos-3, antialiased. */
#ifndef GD_IMAGE_RESIZE_H
#define GD_IMAGE_RESIZE_H

#include "base/status.h"

#include <stdint.h>

/* Source of rows: `row` reads the next one, [cols, 3]. */
typedef struct gd_resize_input {
    int64_t rows, cols;
    gd_status (*row)(void *context, float *rgb, gd_error *error);
    void *context; /* borrowed */
} gd_resize_input;

typedef struct gd_resize gd_resize;

/* Keeps only as many resampled rows as one target row depends on. The caller frees it. */
gd_status gd_resize_create(const gd_resize_input *input, int64_t rows, int64_t cols, gd_resize **resize,
                           gd_error *error) GD_CHECKED;

/* Computes the next row of the resampled picture, [cols, 3], clipped to [-1, 1]. */
gd_status gd_resize_row(gd_resize *resize, float *rgb, gd_error *error) GD_CHECKED;

void gd_resize_free(gd_resize *resize); /* NULL is fine */

#endif
