/* Winograd convolutions: how work is cut into tiles and chunks, scratch memory, and packed weights. */
#ifndef GD_KERNELS_CPU_WINOGRAD_PACK_H
#define GD_KERNELS_CPU_WINOGRAD_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A convolution's shape. Channels are multiples of 16. */
typedef struct gd_winograd_shape {
    int32_t src_channels, dst_channels, dst_rows, dst_cols;
    int32_t kernel_rows, kernel_cols; /* 1x1, 3x3, 5x5, 1x3, 3x1, 1x7, 7x1 */
} gd_winograd_shape;

/* Whether there is a function for the kernel. */
bool gd_winograd_has(int32_t kernel_rows, int32_t kernel_cols);

/* Scratch for a team, in bytes, and packed weights, in floats (for which dst may have any extent). */
size_t gd_winograd_scratch(const gd_winograd_shape *shape);
size_t gd_winograd_floats(const gd_winograd_shape *shape);

/* kernel [dst, src, rows, cols] to packed [chunks][points][src][blocks of the chunk][16]; dst may have any
 * extent. */
void gd_winograd_pack(const gd_winograd_shape *shape, const float *kernel, float *packed);

/* Division of the work: dst's blocks into chunks of at most 4, which are multiplied at once, and tiles into
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
