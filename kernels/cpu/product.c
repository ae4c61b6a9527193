/* Compiled with AVX512_BF16 for tensors of bf16: GD_BLOCK is 16 and GD_BF16 is 1. */
#include "kernels/cpu/product.h"

#include "kernels/cpu/elementwise/epilogue.h"
#include "kernels/cpu/elementwise/vec.h"

enum {
    PAIR = 2,
    ROW = PAIR * GD_BLOCK, /* weights of a pair to a block */
    LINE = 2,              /* pixels of a block in a line of the cache */
};

INLINE __m512bh pairs_load(const gd_unit *at)
{
    return (__m512bh)_mm512_loadu_si512(at);
}

INLINE __m512bh pair_to_all(const gd_unit *at)
{
    int32_t pair;
    memcpy(&pair, at, sizeof pair);
    return (__m512bh)_mm512_set1_epi32(pair);
}

/* sums[pixels][blocks] = src[channels][pixels] * weights[channels / PAIR][blocks]. */
INLINE void multiply(const gd_winograd *w, const gd_unit *src, const gd_unit *weights, gd_vec *sums,
                     int pixels, int blocks)
{
    ptrdiff_t block_size = (ptrdiff_t)w->pass.src_rows * w->pass.src_cols * GD_BLOCK;
    for (int i = 0; i < pixels * blocks; i++)
        sums[i] = vec_all(0);
    for (int32_t c = 0; c < w->shape.src_channels; c += GD_BLOCK, src += block_size) {
        /* The next pixels. */
        for (int t = 0; t < pixels; t += LINE)
            __builtin_prefetch(src + (ptrdiff_t)(pixels + t) * GD_BLOCK);
        for (int lane = 0; lane < GD_BLOCK; lane += PAIR, weights += (ptrdiff_t)blocks * ROW) {
            __m512bh weight[GD_WINOGRAD_CHUNK];
            for (int b = 0; b < blocks; b++)
                weight[b] = pairs_load(weights + (ptrdiff_t)b * ROW);
            for (int t = 0; t < pixels; t++) {
                __m512bh unit = pair_to_all(src + (ptrdiff_t)t * GD_BLOCK + lane);
                for (int b = 0; b < blocks; b++)
                    sums[t * blocks + b] =
                        (gd_vec)_mm512_dpbf16_ps((__m512)sums[t * blocks + b], weight[b], unit);
            }
        }
    }
}

/* They are written, and perhaps read, when the sums are there. */
INLINE void prefetch_results(const gd_winograd *w, int32_t block, int32_t at, int pixels, int blocks)
{
    ptrdiff_t size = (ptrdiff_t)w->pass.dst_rows * w->pass.dst_cols;
    for (int b = 0; b < blocks; b++)
        for (int t = 0; t < pixels; t += LINE)
            __builtin_prefetch((gd_unit *)w->pass.dst + ((block + b) * size + at + t) * GD_BLOCK, 1);
}

/* Results of the pixels [at, at + pixels), of which those before `begin` are there already; in src they lie
 * `shift` pixels further. */
INLINE void convolve_pixels(const gd_winograd *w, int32_t block, int32_t at, int32_t begin, ptrdiff_t shift,
                            int pixels, int blocks)
{
    gd_vec sums[GD_WINOGRAD_ACCUMULATORS];
    const gd_unit *weights =
        (const gd_unit *)w->weights + (ptrdiff_t)block * GD_BLOCK * w->shape.src_channels;
    prefetch_results(w, block, at, pixels, blocks);
    multiply(w, (const gd_unit *)w->pass.src + (at + shift) * GD_BLOCK, weights, sums, pixels, blocks);
    finish_sums(&w->pass, w->bias, sums, block, blocks, at, begin - at, pixels);
}

/* As many pixels at once as there are accumulators; the last few together with some before them, down to
 * `least`, or one by one. */
INLINE void convolve_run(const gd_winograd *w, int32_t block, int32_t least, int32_t first, int32_t end,
                         ptrdiff_t shift, int blocks)
{
    enum { SUMS = GD_WINOGRAD_ACCUMULATORS };
    int32_t pixels = SUMS / blocks, at = first;
    for (; at + pixels <= end; at += pixels)
        convolve_pixels(w, block, at, at, shift, SUMS / blocks, blocks);
    if (at < end && end - pixels >= least)
        convolve_pixels(w, block, end - pixels, at, shift, SUMS / blocks, blocks);
    else
        for (; at < end; at++)
            convolve_pixels(w, block, at, at, shift, 1, blocks);
}

/* Pixels lie in src as in dst, or row by row in a larger one. */
INLINE void convolve_chunk(const gd_winograd *w, int32_t block, int32_t first, int32_t end, int blocks)
{
    const gd_pass *pass = &w->pass;
    if (pass->src_cols == pass->dst_cols) {
        convolve_run(w, block, 0, first, end, -(ptrdiff_t)w->pad_rows * pass->src_cols, blocks);
        return;
    }
    for (int32_t at = first, row_end; at < end; at = row_end) {
        const int32_t y = at / pass->dst_cols, row = y * pass->dst_cols;
        const ptrdiff_t from = (ptrdiff_t)(y - w->pad_rows) * pass->src_cols - w->pad_cols;
        row_end = row + pass->dst_cols < end ? row + pass->dst_cols : end;
        convolve_run(w, block, row, at, row_end, from - row, blocks);
    }
}

static void convolve_task(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task)
{
    int32_t first = task / cut->splits * cut->group, split = task % cut->splits;
    int32_t end = cut->tiles - first < cut->group ? cut->tiles : first + cut->group;
    for (int32_t c = cut->chunks * split / cut->splits; c < cut->chunks * (split + 1) / cut->splits; c++) {
        int32_t block = gd_winograd_chunk(c, cut->chunks, w->pass.blocks);
        switch (gd_winograd_chunk(c + 1, cut->chunks, w->pass.blocks) - block) {
        case 1:
            convolve_chunk(w, block, first, end, 1);
            break;
        case 2:
            convolve_chunk(w, block, first, end, 2);
            break;
        case 3:
            convolve_chunk(w, block, first, end, 3);
            break;
        default:
            convolve_chunk(w, block, first, end, 4);
            break;
        }
    }
}

void gd_product_bf16(const gd_winograd *w)
{
    gd_winograd_cut cut = gd_winograd_cuts(&w->shape);
#pragma omp parallel for schedule(dynamic)
    for (int32_t task = 0; task < cut.groups * cut.splits; task++)
        convolve_task(w, &cut, task);
}

size_t gd_product_bytes(const gd_winograd_shape *shape)
{
    return (size_t)shape->src_channels * (size_t)shape->dst_channels * sizeof(gd_unit);
}

void gd_product_pack(const gd_winograd_shape *shape, const float *kernel, void *packed)
{
    gd_winograd_cut cut = gd_winograd_cuts(shape);
    int32_t blocks = shape->dst_channels / GD_BLOCK, src = shape->src_channels;
    gd_unit *to = packed;
    for (int32_t chunk = 0; chunk < cut.chunks; chunk++) {
        int32_t first = gd_winograd_chunk(chunk, cut.chunks, blocks) * GD_BLOCK;
        int32_t end = gd_winograd_chunk(chunk + 1, cut.chunks, blocks) * GD_BLOCK;
        for (int32_t i = 0; i < src; i += PAIR)
            for (int32_t o = first; o < end; o++, to += PAIR)
                for (int k = 0; k < PAIR; k++)
                    to[k] = unit_of(kernel[(ptrdiff_t)o * src + i + k]);
    }
}
