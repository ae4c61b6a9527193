/* Convolutions with a 1x1 kernel, stride 1 and no padding as a product of matrices of bf16, for processors
 * that multiply pairs of bf16 (AVX512_BF16) faster than float32. A pixel's channels lie in pairs already, so
 * src is read where it is; sums are float32, over all channels in their order, and rounded once, at the end.
 * There is no scratch, and bits depend on nothing but a pixel's own channels. oneDNN's holds a float32 sum of
 * every result for each thread of the team. */
#ifndef GD_KERNELS_CPU_PRODUCT_H
#define GD_KERNELS_CPU_PRODUCT_H

#include "kernels/cpu/winograd.h"

/* Tensors hold bf16. All units that dst reads are in src. */
void gd_product_bf16(const gd_winograd *w);

/* Packed weights, in bytes, a multiple of 64 (for which dst may have any extent). */
size_t gd_product_bytes(const gd_winograd_shape *shape);

/* kernel [dst, src] to packed [chunks of gd_winograd_cuts][src / 2][blocks of the chunk][16][2] of bf16,
 * rounded to nearest even; dst may have any extent. */
void gd_product_pack(const gd_winograd_shape *shape, const float *kernel, void *packed);

#endif
