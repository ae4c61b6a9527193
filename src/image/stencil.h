/* Weights of filters that are the same everywhere: Gaussians, and the binomials of a pyramid's levels. */
#ifndef GD_IMAGE_STENCIL_H
#define GD_IMAGE_STENCIL_H

#include "base/status.h"
#include "image/resample.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gd_stencil_kind {
    GD_STENCIL_SAME,  /* target i is centred on sample i: a Gaussian, cut off at `radius` */
    GD_STENCIL_HALVE, /* on sample 2 i: the binomial [1, 4, 6, 4, 1] / 16, of radius 2 */
    GD_STENCIL_DOUBLE /* the same binomial over samples with zeros between them, twice; sample j is target 2 j
                       */
} gd_stencil_kind;

typedef struct gd_stencil {
    gd_stencil_kind kind;
    int32_t radius; /* samples on each side; of a doubling: 1 */
    double sigma;   /* of a Gaussian; 0: the sample itself */
} gd_stencil;

/* Extent of a level after `halvings` of an extent: rounded up each time. */
int64_t gd_stencil_halved(int64_t extent, int32_t halvings);

/* The most samples that `count` adjacent targets depend on, the first of them even. */
int64_t gd_stencil_reach(const gd_stencil *stencil, int64_t count);

/* Creates one axis of a stencil for targets [first, first + count), over `source` samples: target i of the
 * axis is target first + i. Samples beyond an end are the last one there. Without `weighted` it has no
 * weights, and only tells what targets depend on. The caller frees it with gd_resampler_free. */
gd_status gd_stencil_axis(const gd_stencil *stencil, int64_t source, int64_t first, int64_t count,
                          bool weighted, gd_resampler **axis, gd_error *error) GD_CHECKED;

#endif
