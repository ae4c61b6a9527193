/* Convolutions of stride 1 by fewer multiplications (Lavin and Gray 2016, "Fast algorithms for convolutional
 * neural networks"): on tiles of 6x6, at the points 0, 1, -1, 2, -2 and infinity, each giving 4x4 results of
 * a 3x3 kernel (a quarter of the multiplications) or 2x2 of a 5x5 kernel (36 for 100). Computed in float32
 * whatever the tensors hold. A tile's bits depend on its input alone, so neither threads nor the order of
 * tiles matter.
 *
 * oneDNN's own covers 3x3 in float32 only, takes a multiple of the memory, and is gone in 3.x. */
#ifndef GD_KERNELS_CPU_WINOGRAD_H
#define GD_KERNELS_CPU_WINOGRAD_H

#include "kernels/cpu/units.h"

#include <stddef.h>

enum { GD_WINOGRAD_POINTS = 36 };

/* pass: src and dst as of a forward convolution, pass.relu, pass.accumulate and pass.mask as given. */
typedef struct gd_winograd {
    gd_pass pass;
    int32_t src_blocks, kernel, pad; /* kernel 3 or 5 */
    const float *weights;            /* of gd_winograd_pack */
    const float *bias;               /* [dst channels] or NULL */
    void *scratch;
} gd_winograd;

void gd_winograd_f32_avx512(const gd_winograd *w);
void gd_winograd_bf16_avx512(const gd_winograd *w);

/* Scratch for a team, bytes, and floats of packed weights. Channels in blocks of 16. */
size_t gd_winograd_scratch(int32_t src_channels, int32_t dst_channels, int32_t dst_rows, int32_t dst_cols,
                           int32_t kernel);
size_t gd_winograd_floats(int32_t src_channels, int32_t dst_channels);

/* kernel [dst, src, k, k] to packed [chunks][36][src][up to 4 blocks of dst]. */
void gd_winograd_pack(const float *kernel, int32_t src_channels, int32_t dst_channels, int32_t k,
                      float *packed);

/* How dst's blocks are cut into chunks of at most 4 that are multiplied at once, and tiles into groups. For
 * winograd.c and its packing alone. */
enum { GD_WINOGRAD_CHUNK = 4, GD_WINOGRAD_GROUP = 48 };

typedef struct gd_winograd_cut {
    int32_t tile;         /* results across: 4 or 2 */
    int32_t down, across; /* tiles */
    int32_t group;        /* tiles in a group */
    int32_t groups;
    int32_t chunks;
} gd_winograd_cut;

gd_winograd_cut gd_winograd_cuts(int32_t dst_blocks, int32_t dst_rows, int32_t dst_cols, int32_t kernel);

/* The first block of a chunk; chunk == chunks gives the number of blocks. */
int32_t gd_winograd_chunk(int32_t chunk, int32_t chunks, int32_t blocks);

#endif
