/* Where a pixel of a warped picture comes from, and the weights of its samples, for C and for device code. */
#ifndef GD_IMAGE_WARP_POINT_H
#define GD_IMAGE_WARP_POINT_H

#include <stdint.h>

#ifdef __CUDACC__
#define GD_WARP static __host__ __device__ inline
#else
#define GD_WARP static inline
#endif

/* Bounds of offsets that each pixel has of its own, added to the place that a map gives; all 0: there are
 * none. */
typedef struct gd_offsets {
    double low_y, high_y, low_x, high_x; /* pixels; low at most 0, high at least 0 */
} gd_offsets;

/* An affine map of a picture onto itself: pixel (row y, column x) of the new one comes from row
 * rows[0] * y + rows[1] * x + rows[2] and column cols[0] * y + cols[1] * x + cols[2] of the old one, where
 * whole numbers are the centres of pixels. */
typedef struct gd_warp {
    double rows[3], cols[3];
    int64_t height, width; /* of both pictures */
    gd_offsets offsets;
} gd_warp;

enum { GD_WARP_TAPS = 4 };

/* The samples of an axis around a place, and their weights. */
typedef struct gd_warp_taps {
    int64_t first;
    double weights[GD_WARP_TAPS];
} gd_warp_taps;

GD_WARP double gd_warp_at(const double map[3], int64_t y, int64_t x)
{
    return map[0] * (double)y + (map[1] * (double)x + map[2]);
}

/* Cubic convolution with a = -1/2 (Keys, "Cubic convolution interpolation for digital image processing",
 * 1981). */
GD_WARP gd_warp_taps gd_warp_taps_of(double at)
{
    gd_warp_taps taps;
    taps.first = (int64_t)at - (at < (double)(int64_t)at) - 1; /* the sample before the one at or below */
    const double f = at - (double)(taps.first + 1);
    taps.weights[0] = ((-0.5 * f + 1.0) * f - 0.5) * f;
    taps.weights[1] = (1.5 * f - 2.5) * f * f + 1.0;
    taps.weights[2] = ((-1.5 * f + 2.0) * f + 0.5) * f;
    taps.weights[3] = (0.5 * f - 0.5) * f * f;
    return taps;
}

/* A sample beyond an end of the axis is the last one there. */
GD_WARP int64_t gd_warp_clamp(int64_t sample, int64_t extent)
{
    return sample < 0 ? 0 : sample < extent ? sample : extent - 1;
}

#endif
