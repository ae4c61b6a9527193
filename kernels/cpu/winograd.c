/* Compiled once for each precision of tensors: GD_BLOCK (16), GD_BF16 and GD_WINOGRAD (the function's name).
 */
#include "kernels/cpu/winograd.h"

#include "kernels/cpu/vec.h"

#include <omp.h>

#define INLINE static inline __attribute__((always_inline))

enum { SIDE = 6, ACCUMULATORS = 24 };

/* to[6] = B^T from[6], at a stride of `step` both. */
INLINE void spread(const gd_vec *from, int step, gd_vec *to)
{
    gd_vec d1 = from[step], d2 = from[2 * step], d3 = from[3 * step], d4 = from[4 * step];
    gd_vec a = d4 - 4.0F * d2, b = d3 - 4.0F * d1, c = d4 - d2, e = 2.0F * (d3 - d1);
    to[0] = 4.0F * from[0] - 5.0F * d2 + d4;
    to[step] = a + b;
    to[2 * step] = a - b;
    to[3 * step] = c + e;
    to[4 * step] = c - e;
    to[5 * step] = 4.0F * d1 - 5.0F * d3 + from[5 * step];
}

/* to[tile] = A^T from[6]. */
INLINE void gather(const gd_vec *from, int from_step, gd_vec *to, int to_step, int tile)
{
    gd_vec s = from[from_step] + from[2 * from_step], t = from[from_step] - from[2 * from_step];
    gd_vec u = from[3 * from_step] + from[4 * from_step], v = from[3 * from_step] - from[4 * from_step];
    to[0] = from[0] + s + u;
    if (tile == 4) {
        to[to_step] = t + 2.0F * v;
        to[2 * to_step] = s + 4.0F * u;
        to[3 * to_step] = t + 8.0F * v + from[5 * from_step];
    } else {
        to[to_step] = t + 2.0F * v + from[5 * from_step];
    }
}

/* The 6x6 units of a block from (y, x) on; zero outside. */
INLINE void load_tile(const gd_pass *pass, const gd_unit *src, int32_t y, int32_t x,
                      gd_vec tile[GD_WINOGRAD_POINTS])
{
    for (int32_t i = 0; i < SIDE; i++)
        for (int32_t j = 0; j < SIDE; j++) {
            bool inside = y + i >= 0 && y + i < pass->src_rows && x + j >= 0 && x + j < pass->src_cols;
            tile[i * SIDE + j] =
                inside ? vec_load(src + ((ptrdiff_t)(y + i) * pass->src_cols + x + j) * GD_BLOCK)
                       : vec_all(0);
        }
}

/* spread_units[36][group][src channels] of the tiles [first, first + count). */
static void spread_group(const gd_winograd *w, const gd_winograd_cut *cut, int32_t first, int32_t count,
                         float *spread_units)
{
    const gd_pass *pass = &w->pass;
    ptrdiff_t channels = (ptrdiff_t)w->src_blocks * GD_BLOCK;
    ptrdiff_t block_size = (ptrdiff_t)pass->src_rows * pass->src_cols * GD_BLOCK;
    for (int32_t t = 0; t < count; t++) {
        int32_t y = (first + t) / cut->across * cut->tile - w->pad;
        int32_t x = (first + t) % cut->across * cut->tile - w->pad;
        for (int32_t b = 0; b < w->src_blocks; b++) {
            gd_vec tile[GD_WINOGRAD_POINTS], half[GD_WINOGRAD_POINTS];
            load_tile(pass, (const gd_unit *)pass->src + b * block_size, y, x, tile);
            for (int j = 0; j < SIDE; j++)
                spread(tile + j, SIDE, half + j);
            for (int i = 0; i < SIDE; i++)
                spread(half + (ptrdiff_t)i * SIDE, 1, tile + (ptrdiff_t)i * SIDE);
            float *to = spread_units + t * channels + (ptrdiff_t)b * GD_BLOCK;
            for (int p = 0; p < GD_WINOGRAD_POINTS; p++)
                vec_store_floats(to + p * cut->group * channels, tile[p]);
        }
    }
}

/* products[tiles][blocks * GD_BLOCK] = units[tiles][channels] * weights[channels][blocks * GD_BLOCK], for as
 * many tiles as there are accumulators. */
INLINE void multiply(const float *units, const float *weights, int32_t channels, float *products, int blocks)
{
    int tiles = ACCUMULATORS / blocks;
    gd_vec sums[ACCUMULATORS];
    for (int i = 0; i < ACCUMULATORS; i++)
        sums[i] = vec_all(0);
    for (int32_t c = 0; c < channels; c++) {
        gd_vec weight[GD_WINOGRAD_CHUNK];
        for (int b = 0; b < blocks; b++)
            weight[b] = vec_load_floats(weights + ((ptrdiff_t)c * blocks + b) * GD_BLOCK);
        for (int t = 0; t < tiles; t++) {
            gd_vec unit = vec_all(units[(ptrdiff_t)t * channels + c]);
            for (int b = 0; b < blocks; b++)
                sums[t * blocks + b] = vec_fma(weight[b], unit, sums[t * blocks + b]);
        }
    }
    for (int i = 0; i < ACCUMULATORS; i++)
        vec_store_floats(products + (ptrdiff_t)i * GD_BLOCK, sums[i]);
}

INLINE void multiply_group(const float *units, const float *weights, int32_t channels, int32_t group,
                           int32_t count, float *products, int blocks)
{
    int tiles = ACCUMULATORS / blocks;
    for (int p = 0; p < GD_WINOGRAD_POINTS; p++)
        for (int32_t t = 0; t < count; t += tiles)
            multiply(units + ((ptrdiff_t)p * group + t) * channels,
                     weights + (ptrdiff_t)p * channels * blocks * GD_BLOCK, channels,
                     products + ((ptrdiff_t)p * group + t) * blocks * GD_BLOCK, blocks);
}

/* One result: bias, sum, ReLU, mask. */
INLINE void finish(const gd_winograd *w, gd_vec value, gd_vec bias, gd_unit *dst, gd_bits *mask)
{
    value += bias;
    if (w->pass.accumulate)
        value = vec_load(dst) + value;
    if (w->pass.relu)
        value = vec_max(value, vec_all(0));
    if (mask && !w->pass.write_mask)
        value = vec_keep(*mask, value);
    vec_store(dst, value);
    if (mask && w->pass.write_mask)
        *mask = vec_positive(vec_load(dst));
}

/* Block `block` of the tile at (y, x), from products[36] that are `step` floats apart. */
INLINE void gather_tile(const gd_winograd *w, const float *products, ptrdiff_t step, int32_t block, int32_t y,
                        int32_t x, int tile)
{
    const gd_pass *pass = &w->pass;
    gd_vec points[GD_WINOGRAD_POINTS], half[4 * SIDE], results[16];
    gd_vec bias = w->bias ? vec_load_floats(w->bias + (ptrdiff_t)block * GD_BLOCK) : vec_all(0);
    bool masked = block >= pass->mask_at && block < pass->mask_at + pass->mask_blocks;
    ptrdiff_t size = (ptrdiff_t)pass->dst_rows * pass->dst_cols;
    for (int p = 0; p < GD_WINOGRAD_POINTS; p++)
        points[p] = vec_load_floats(products + p * step);
    for (int j = 0; j < SIDE; j++)
        gather(points + j, SIDE, half + j, SIDE, tile);
    for (int i = 0; i < tile; i++)
        gather(half + (ptrdiff_t)i * SIDE, 1, results + (ptrdiff_t)i * tile, 1, tile);
    for (int i = 0; i < tile && y + i < pass->dst_rows; i++)
        for (int j = 0; j < tile && x + j < pass->dst_cols; j++) {
            ptrdiff_t at = (ptrdiff_t)(y + i) * pass->dst_cols + x + j;
            gd_bits *mask = masked ? (gd_bits *)pass->mask + (block - pass->mask_at) * size + at : NULL;
            finish(w, results[i * tile + j], bias, (gd_unit *)pass->dst + (block * size + at) * GD_BLOCK,
                   mask);
        }
}

INLINE void gather_group(const gd_winograd *w, const gd_winograd_cut *cut, int32_t first, int32_t count,
                         const float *products, int32_t block, int32_t blocks, int tile)
{
    ptrdiff_t step = (ptrdiff_t)cut->group * blocks * GD_BLOCK;
    for (int32_t b = 0; b < blocks; b++)
        for (int32_t t = 0; t < count; t++)
            gather_tile(w, products + ((ptrdiff_t)t * blocks + b) * GD_BLOCK, step, block + b,
                        (first + t) / cut->across * tile, (first + t) % cut->across * tile, tile);
}

static void convolve_chunk(const gd_winograd *w, const gd_winograd_cut *cut, int32_t first, int32_t count,
                           const float *units, float *products, int32_t block, int32_t blocks)
{
    int32_t channels = w->src_blocks * GD_BLOCK;
    const float *weights = w->weights + (ptrdiff_t)block * GD_BLOCK * GD_WINOGRAD_POINTS * channels;
    switch (blocks) {
    case 1:
        multiply_group(units, weights, channels, cut->group, count, products, 1);
        break;
    case 2:
        multiply_group(units, weights, channels, cut->group, count, products, 2);
        break;
    case 3:
        multiply_group(units, weights, channels, cut->group, count, products, 3);
        break;
    default:
        multiply_group(units, weights, channels, cut->group, count, products, 4);
        break;
    }
    if (cut->tile == 4)
        gather_group(w, cut, first, count, products, block, blocks, 4);
    else
        gather_group(w, cut, first, count, products, block, blocks, 2);
}

static void convolve_group(const gd_winograd *w, const gd_winograd_cut *cut, int32_t first, float *scratch)
{
    int32_t tiles = cut->down * cut->across;
    int32_t count = tiles - first < cut->group ? tiles - first : cut->group;
    float *products = scratch + (ptrdiff_t)GD_WINOGRAD_POINTS * cut->group * w->src_blocks * GD_BLOCK;
    spread_group(w, cut, first, count, scratch);
    for (int32_t c = 0; c < cut->chunks; c++) {
        int32_t block = gd_winograd_chunk(c, cut->chunks, w->pass.blocks);
        int32_t end = gd_winograd_chunk(c + 1, cut->chunks, w->pass.blocks);
        convolve_chunk(w, cut, first, count, scratch, products, block, end - block);
    }
}

void GD_WINOGRAD(const gd_winograd *w)
{
    gd_winograd_cut cut = gd_winograd_cuts(w->pass.blocks, w->pass.dst_rows, w->pass.dst_cols, w->kernel);
    ptrdiff_t share =
        (ptrdiff_t)GD_WINOGRAD_POINTS * cut.group * ((ptrdiff_t)w->src_blocks + GD_WINOGRAD_CHUNK) * GD_BLOCK;
#pragma omp parallel for schedule(dynamic)
    for (int32_t g = 0; g < cut.groups; g++)
        convolve_group(w, &cut, g * cut.group, (float *)w->scratch + omp_get_thread_num() * share);
}
