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

#include "kernels/cpu/tiles/plan.h"

/* Runs with the OpenMP team of the calling thread. There is at least one result. NULL, or a mistake that the
 * emulation found. */
typedef const char *gd_tile_function(const gd_tile_conv *c);

gd_tile_function gd_tile_conv_emulated;
gd_tile_function gd_tile_conv_amx; /* by gd_tiles_find (tiles.h) alone: not every build has it */

#endif
