/* Views of tensors: dense [channels, rows, cols] of float64; private to this folder. */
#ifndef GD_KERNELS_REFERENCE_VIEW_H
#define GD_KERNELS_REFERENCE_VIEW_H

#include <stddef.h>
#include <stdint.h>

/* A channel slice in the arena. */
typedef struct gd_reference_view {
    double *values; /* borrowed; [channels, rows, cols] */
    int32_t channels, rows, cols;
} gd_reference_view;

#endif
