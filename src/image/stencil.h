/* Weights of filters that are the same everywhere: Gaussians. */
#ifndef GD_IMAGE_STENCIL_H
#define GD_IMAGE_STENCIL_H

#include "base/status.h"
#include "image/resample.h"

#include <stdbool.h>
#include <stdint.h>

/* Target i is centred on sample i: a Gaussian, cut off at `radius`. */
typedef struct gd_stencil {
    int32_t radius; /* samples on each side */
    double sigma;   /* 0: the sample itself */
} gd_stencil;

/* Creates one axis of a stencil for targets [first, first + count), over `source` samples: target i of the
 * axis is target first + i. Samples beyond an end are the last one there. Without `weighted` it has no
 * weights, and only tells what targets depend on. The caller frees it with gd_resampler_free. */
gd_status gd_stencil_axis(const gd_stencil *stencil, int64_t source, int64_t first, int64_t count,
                          bool weighted, gd_resampler **axis, gd_error *error) GD_CHECKED;

#endif
