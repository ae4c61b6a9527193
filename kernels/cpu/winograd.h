/* Convolutions of stride 1 by fewer multiplications (Winograd 1980; Lavin and Gray 2016, "Fast algorithms for
 * convolutional neural networks"). Along an axis with a kernel of k taps, tiles of 4 results are found from k
 * + 3 products, those of the values of two polynomials at the points 0, 1, -1, 2, -2, 1/2, -1/2, 3/2, -3/2
 * (as many as it takes) and infinity: 36 products instead of 144 for 4x4 results of a 3x3 kernel, 64 instead
 * of 400 for 5x5, 10 instead of 28 for 1x7. Along an axis with one tap there is nothing to save; a 1x1 kernel
 * is a plain product of matrices.
 *
 * Computed in float32 whatever the tensors hold. A tile's bits depend on its input alone, so neither threads
 * nor the order of tiles matter. oneDNN's own covers 3x3 in float32 only, takes many times the memory, and is
 * gone in 3.x. Everything declared here is compiled for AVX-512. */
#ifndef GD_KERNELS_CPU_WINOGRAD_H
#define GD_KERNELS_CPU_WINOGRAD_H

#include "kernels/cpu/elementwise.h"

#include <stddef.h>

/* A convolution's shape. Channels are multiples of 16. */
typedef struct gd_winograd_shape {
    int32_t src_channels, dst_channels, dst_rows, dst_cols;
    int32_t kernel_rows, kernel_cols; /* 1x1, 3x3, 5x5, 1x3, 3x1, 1x7, 7x1 */
} gd_winograd_shape;

/* pass: src and dst as of a forward convolution; relu, accumulate and mask count. */
typedef struct gd_winograd {
    gd_pass pass;
    gd_winograd_shape shape;
    int32_t pad_rows, pad_cols;
    const void *weights; /* of gd_winograd_pack or gd_product_pack */
    const float *bias;   /* [dst_channels] or NULL */
    void *scratch;       /* NULL for a gd_product */
} gd_winograd;

/* Whether there is a function for the kernel. */
bool gd_winograd_has(int32_t kernel_rows, int32_t kernel_cols);

void gd_winograd_f32_avx512(const gd_winograd *w);
void gd_winograd_bf16_avx512(const gd_winograd *w);

/* Scratch for a team, in bytes, and packed weights, in floats (for which dst may have any extent). */
size_t gd_winograd_scratch(const gd_winograd_shape *shape);
size_t gd_winograd_floats(const gd_winograd_shape *shape);

/* kernel [dst, src, rows, cols] to packed [chunks][points][src][blocks of the chunk][16]; dst may have any
 * extent. */
void gd_winograd_pack(const gd_winograd_shape *shape, const float *kernel, float *packed);

/* How the work is cut: dst's blocks into chunks of at most 4, which are multiplied at once, and tiles into
 * groups. */
enum {
    GD_WINOGRAD_BLOCK = 16,
    GD_WINOGRAD_CHUNK = 4,
    GD_WINOGRAD_ACCUMULATORS = 24, /* a group's tiles are a multiple of them */
};

typedef struct gd_winograd_cut {
    int32_t tile_rows, tile_cols; /* results in a tile: 4, or 1 along an axis with one tap */
    int32_t point_rows, point_cols, points;
    int32_t across, tiles;
    int32_t group, groups;
    int32_t chunks;
    int32_t splits; /* parts of the chunks that are worked on apart, where there are few groups */
} gd_winograd_cut;

gd_winograd_cut gd_winograd_cuts(const gd_winograd_shape *shape);

/* The first block of a chunk; chunk == chunks gives the number of blocks. */
int32_t gd_winograd_chunk(int32_t chunk, int32_t chunks, int32_t blocks);

#endif
