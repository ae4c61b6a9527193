/* A convolution in tiles, and how it is walked and divided among threads, by its shape alone. */
#ifndef GD_KERNELS_CPU_TILES_PLAN_H
#define GD_KERNELS_CPU_TILES_PLAN_H

#include "kernels/cpu/tiles/pack.h"

#include <stdint.h>

enum { GD_TILE_PIXELS = 32 }; /* results that are taken at once, by GD_TILE_BLOCK channels */

/* Takes the sums of block `block` of the results [first, first + count), counted in row-major order;
 * sums: [GD_TILE_PIXELS][GD_TILE_BLOCK]. Called by several threads at once. */
typedef void gd_tile_ending(const void *context, const float *sums, int32_t block, int64_t first,
                            int32_t count);

/* Result (y, x) is the sum over the taps (ky, kx) of weights times src(y * stride + ky - pad_rows,
 * x * stride + kx - pad_cols), or zero where src has no such pixel. Pads may be negative, and the extents of
 * src and of the results need not follow from each other. */
typedef struct gd_tile_conv {
    const uint16_t *src; /* bf16 [blocks][src_rows][src_cols][32]; of a picture [src_rows][src_cols][3] */
    int32_t src_rows, src_cols;
    int32_t rows, cols; /* of the results */
    int32_t stride, pad_rows, pad_cols;
    const gd_tile_pack *pack; /* weights, and the kernel and channels that they are for */
    gd_tile_ending *ending;
    const void *context; /* of the ending */
} gd_tile_conv;

/* The extents that are walked: those of the convolution, or the same pixels as one row. */
typedef struct gd_tile_walk {
    int32_t pixels, cols; /* of the results: all, and in a row */
    int32_t src_rows, src_cols;
    int32_t kernel_rows, kernel_cols, stride, pad_rows, pad_cols;
    int32_t tap_step; /* columns from tap to tap */
} gd_tile_walk;

gd_tile_walk gd_tile_walk_of(const gd_tile_conv *c);

/* A task is a piece of the results, by a part of the blocks. */
typedef struct gd_tile_cut {
    int32_t groups; /* of GD_TILE_PIXELS results */
    int32_t pieces, splits;
} gd_tile_cut;

gd_tile_cut gd_tile_cut_of(const gd_tile_conv *c, const gd_tile_walk *w);

/* Where the part `index` of `parts` of a whole begins. */
int32_t gd_tile_part(int32_t whole, int32_t index, int32_t parts);

#endif
