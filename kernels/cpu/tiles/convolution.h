/* Convolutions of bf16 in matrix tiles (Intel AMX), forward and backward, of any kernel, stride and padding.
 *
 * Tensors lie in blocks of 32 channels, [blocks][rows][cols][32], so that 16 neighbouring pixels of a block
 * are one tile as they lie in memory. Results are taken 32 at a time, in row-major order whatever the width,
 * by 32 channels: four registers of sums, two of pixels, two of weights, four products for four loads. Pixels
 * that do not lie side by side in bounds are copied to a buffer on the thread's stack first; there is no
 * other scratch. Sums are float32, in an order that depends on the shape alone: bits depend on neither
 * threads nor cores. */
#ifndef GD_KERNELS_CPU_TILES_CONVOLUTION_H
#define GD_KERNELS_CPU_TILES_CONVOLUTION_H

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

/* Runs with the OpenMP team of the calling thread. There is at least one result. NULL, or a mistake that the
 * emulation found. */
typedef const char *gd_tile_function(const gd_tile_conv *c);

gd_tile_function gd_tile_conv_emulated;
gd_tile_function gd_tile_conv_amx; /* by gd_tiles_find (tiles.h) alone: not every build has it */

#endif
