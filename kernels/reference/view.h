/* Views of tensors: dense [channels, rows, cols] of float64; private to this folder. */
#ifndef GD_KERNELS_REFERENCE_VIEW_H
#define GD_KERNELS_REFERENCE_VIEW_H

#include <stddef.h>
#include <stdint.h>

/* A channel slice in the arena. */
typedef struct gd_reference_view {
    double *values; /* borrowed; [channels, rows, cols] */
    int32_t channels, rows, cols;
    int32_t row, col, whole_rows, whole_cols; /* as of gd_tensor */
} gd_reference_view;

/* A slice of a mask or of winners, of an extent that covers that of the values beside it. */
typedef struct gd_reference_bytes {
    uint8_t *bytes; /* borrowed; [channels, rows, cols] */
    int32_t rows, cols;
    int32_t row, col; /* of the first one that belongs to the values */
} gd_reference_bytes;

#endif
