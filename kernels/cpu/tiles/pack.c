/* Packs weights for tiles: a step is two tiles of 16 pairs of src channels by 16 dst channels. */
#include "kernels/cpu/tiles/pack.h"

#include <stdlib.h>
#include <string.h>

enum { HALF = GD_TILE_BLOCK / 2, PAIRS = GD_TILE_BLOCK / 2, STEP = GD_TILE_BLOCK * GD_TILE_BLOCK };

/* Rounded to nearest even. */
static uint16_t to_bf16(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

static bool is_picture(int32_t channels)
{
    return channels == GD_TILE_PICTURE;
}

static int32_t blocks_of(int32_t channels)
{
    return (channels + GD_TILE_BLOCK - 1) / GD_TILE_BLOCK;
}

static int32_t steps_of(const gd_tile_weights *weights)
{
    const int32_t taps = weights->kernel_rows * weights->kernel_cols;
    return is_picture(weights->src_channels) ? blocks_of(taps * GD_TILE_PICTURE)
                                             : taps * blocks_of(weights->src_channels);
}

size_t gd_tile_pack_bytes(const gd_tile_weights *weights)
{
    return (size_t)blocks_of(weights->dst_channels) * (size_t)steps_of(weights) * STEP * sizeof(uint16_t);
}

/* Where dst channel d of the step is found for input k of the step: -1 where it has none. */
static ptrdiff_t find_weight(const gd_tile_weights *weights, int32_t step, int32_t k)
{
    const int32_t taps = weights->kernel_rows * weights->kernel_cols;
    if (is_picture(weights->src_channels)) {
        const int32_t value = step * GD_TILE_BLOCK + k;
        return value < taps * GD_TILE_PICTURE
                   ? value % GD_TILE_PICTURE * weights->src_step + weights->taps[value / GD_TILE_PICTURE]
                   : -1;
    }
    return (ptrdiff_t)(step / taps * GD_TILE_BLOCK + k) * weights->src_step + weights->taps[step % taps];
}

static void pack_step(const gd_tile_weights *weights, int32_t block, int32_t step, uint16_t *to)
{
    for (int32_t k = 0; k < GD_TILE_BLOCK; k++) {
        const ptrdiff_t at = find_weight(weights, step, k);
        for (int32_t d = 0; d < GD_TILE_BLOCK; d++) {
            const int32_t channel = block * GD_TILE_BLOCK + d;
            const bool there = at >= 0 && channel < weights->dst_channels;
            to[((d / HALF * PAIRS + k / 2) * HALF + d % HALF) * 2 + k % 2] =
                there ? to_bf16(weights->kernel[at + channel * weights->dst_step]) : 0;
        }
    }
}

gd_status gd_tile_pack_create(const gd_tile_weights *weights, gd_tile_pack *pack, gd_error *error)
{
    const int32_t blocks = blocks_of(weights->dst_channels), steps = steps_of(weights);
    *pack =
        (gd_tile_pack){.dst_blocks = blocks,
                       .src_blocks = is_picture(weights->src_channels) ? 0 : blocks_of(weights->src_channels),
                       .kernel_rows = weights->kernel_rows,
                       .kernel_cols = weights->kernel_cols,
                       .steps = steps};
    pack->values = aligned_alloc(64, gd_tile_pack_bytes(weights) + 64);
    pack->narrow = calloc((size_t)blocks, sizeof *pack->narrow);
    if (!pack->values || !pack->narrow) {
        gd_tile_pack_free(pack);
        return gd_no_memory(error, "the network's weights");
    }
    for (int32_t b = 0; b < blocks; b++)
        pack->narrow[b] =
            weights->dst_channels - b * GD_TILE_BLOCK <= HALF || (weights->narrow && weights->narrow[b]);
#pragma omp parallel for collapse(2) schedule(static)
    for (int32_t b = 0; b < blocks; b++)
        for (int32_t s = 0; s < steps; s++)
            pack_step(weights, b, s, pack->values + ((ptrdiff_t)b * steps + s) * STEP);
    return GD_OK;
}

void gd_tile_pack_free(gd_tile_pack *pack)
{
    free(pack->values);
    free(pack->narrow);
    *pack = (gd_tile_pack){0};
}
