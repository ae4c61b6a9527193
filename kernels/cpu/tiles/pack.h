/* Weights of convolutions in the order in which tiles are loaded. */
#ifndef GD_KERNELS_CPU_TILES_PACK_H
#define GD_KERNELS_CPU_TILES_PACK_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GD_TILE_BLOCK = 32,    /* channels of a block */
    GD_TILE_PICTURE = 3,   /* channels of a picture, which is no tensor of blocks */
    GD_TILE_KERNEL_MAX = 8 /* most taps along an axis */
};

/* A convolution's weights, as they are found: the one from src channel s to dst channel d at tap t is
 * kernel[d * dst_step + s * src_step + taps[t]]. Channels are multiples of GD_TILE_BLOCK, or those of a
 * picture. */
typedef struct gd_tile_weights {
    const float *kernel;
    ptrdiff_t dst_step, src_step;
    int32_t dst_channels, src_channels;
    int32_t kernel_rows, kernel_cols;                      /* may be 0: a result without taps is zero */
    int32_t taps[GD_TILE_KERNEL_MAX * GD_TILE_KERNEL_MAX]; /* [kernel_rows][kernel_cols] */
    const bool *narrow; /* [dst blocks] the upper half of the block's channels is padding, without weights;
                           NULL: of none */
} gd_tile_weights;

/* Rounded to bf16 and packed. A step is what one tile of pixels is multiplied with: the channels of a block
 * at a tap, or, of a picture, GD_TILE_BLOCK of the kernel_rows * kernel_cols * 3 values under the kernel. */
typedef struct gd_tile_pack {
    int32_t dst_blocks;
    int32_t src_blocks; /* 0: a picture */
    int32_t kernel_rows, kernel_cols;
    int32_t steps;    /* for a block of results: src_blocks * taps, or those of a picture */
    uint16_t *values; /* owned; [dst_blocks][src_blocks][taps][2][16 pairs][16 channels][2] */
    bool *narrow;     /* owned; [dst_blocks] only the lower 16 channels are computed */
} gd_tile_pack;

/* Bytes of gd_tile_pack's values. */
size_t gd_tile_pack_bytes(const gd_tile_weights *weights);

gd_status gd_tile_pack_create(const gd_tile_weights *weights, gd_tile_pack *pack, gd_error *error) GD_CHECKED;
void gd_tile_pack_free(gd_tile_pack *pack);

#endif
