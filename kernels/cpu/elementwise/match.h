/* Matches units with a guide's: elementwise.h's match. For files that are compiled as vec.h asks.
 *
 * A product of matrices whose results are compared as they come. The lanes of a vector are units of the
 * guide; each dot product is one sum over the channels in their order, in float32, so its bits depend on
 * nothing but the two units. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_MATCH_H
#define GD_KERNELS_CPU_ELEMENTWISE_MATCH_H

#include "kernels/cpu/elementwise/epilogue.h"
#include "kernels/cpu/elementwise/pass.h"
#include "kernels/cpu/elementwise/vec.h"

#include <omp.h>

/* Pixels that are multiplied at once: as many as there are registers for. */
enum { MATCH_VECS = GD_MATCH_PANEL / GD_BLOCK, MATCH_PIXELS = GD_PLAIN ? 1 : 12 };

/* The largest products so far of a chunk's pixels, and whose they are; each lane has its own. */
typedef struct match_best {
    float product[GD_MATCH_CHUNK][GD_MATCH_PANEL];
    int32_t unit[GD_MATCH_CHUNK][GD_MATCH_PANEL];
} match_best;

/* The units of the pixels [first, first + count) of dst, in float32; those after them are zeros. */
INLINE void match_stage(const gd_pass *pass, int64_t first, int32_t count, int32_t pitch, float *staged)
{
    const ptrdiff_t size = (ptrdiff_t)pass->src_rows * pass->src_cols * GD_BLOCK;
    for (int32_t i = 0; i < count; i++) {
        const ptrdiff_t y = (first + i) / pass->dst_cols, x = (first + i) % pass->dst_cols;
        const gd_unit *from = (const gd_unit *)pass->src +
                              ((y - pass->pad_rows) * pass->src_cols + x - pass->pad_cols) * GD_BLOCK;
        for (int32_t b = 0; b < pass->blocks; b++)
            vec_store_floats(staged + (ptrdiff_t)i * pitch + (ptrdiff_t)b * GD_BLOCK,
                             vec_load(from + b * size));
    }
    memset(staged + (ptrdiff_t)count * pitch, 0, sizeof *staged * (size_t)((GD_MATCH_CHUNK - count) * pitch));
}

/* sums[MATCH_PIXELS][MATCH_VECS]: products of pixels and a panel. */
INLINE void match_multiply(const float *staged, int32_t pitch, const float *panel, int32_t channels,
                           gd_vec *sums)
{
    for (int i = 0; i < MATCH_PIXELS * MATCH_VECS; i++)
        sums[i] = vec_all(0);
    for (int32_t c = 0; c < channels; c++) {
        gd_vec units[MATCH_VECS];
        for (int v = 0; v < MATCH_VECS; v++)
            units[v] = vec_load_floats(panel + (ptrdiff_t)c * GD_MATCH_PANEL + (ptrdiff_t)v * GD_BLOCK);
        for (int p = 0; p < MATCH_PIXELS; p++)
            for (int v = 0; v < MATCH_VECS; v++)
                sums[p * MATCH_VECS + v] =
                    vec_fma(units[v], vec_all(staged[(ptrdiff_t)p * pitch + c]), sums[p * MATCH_VECS + v]);
    }
}

/* Compares the products of a pixel with `count` units from `first` on. */
INLINE void match_raise(const gd_vec *sums, int32_t first, int32_t count, float *best, int32_t *unit)
{
    float found[GD_MATCH_PANEL];
    for (int v = 0; v < MATCH_VECS; v++)
        vec_store_floats(found + (ptrdiff_t)v * GD_BLOCK, sums[v]);
    for (int32_t l = 0; l < count; l++) {
        unit[l] = found[l] > best[l] ? first + l : unit[l];
        best[l] = found[l] > best[l] ? found[l] : best[l];
    }
}

/* The unit with the largest product in any lane, the first of equals. */
static int32_t match_pick(const float *best, const int32_t *unit)
{
    int32_t most = 0;
    for (int32_t l = 1; l < GD_MATCH_PANEL; l++)
        if (best[l] > best[most] || (best[l] == best[most] && unit[l] < unit[most]))
            most = l;
    return unit[most];
}

/* Writes the seed of a pixel: a unit of the guide, weighted. */
INLINE void match_seed(const gd_match_pass *m, int64_t pixel, int32_t unit)
{
    const gd_pass *pass = &m->pass;
    const float *row = m->rows + (ptrdiff_t)unit * pass->blocks * GD_BLOCK;
    const ptrdiff_t bits = bits_of(pass, pixel);
    for (int32_t b = 0; b < pass->blocks; b++) {
        const gd_epilogue epilogue = epilogue_of(pass, NULL, b);
        const gd_vec values = vec_load_floats(row + (ptrdiff_t)b * GD_BLOCK);
        finish(&epilogue, vec_multiply(values, seed_of_block(pass, b)), pixel, bits);
    }
}

static void match_chunk(const gd_match_pass *m, int64_t first, int32_t count, float *staged)
{
    const int32_t channels = m->pass.blocks * GD_BLOCK, pitch = gd_match_pitch(channels);
    match_best best;
    for (int32_t i = 0; i < GD_MATCH_CHUNK; i++)
        for (int32_t l = 0; l < GD_MATCH_PANEL; l++) {
            best.product[i][l] = -INFINITY;
            best.unit[i][l] = l;
        }
    match_stage(&m->pass, first, count, pitch, staged);
    for (int32_t j = 0; j < m->units; j += GD_MATCH_PANEL) {
        const int32_t units = m->units - j < GD_MATCH_PANEL ? m->units - j : GD_MATCH_PANEL;
        for (int32_t i = 0; i < count; i += MATCH_PIXELS) {
            gd_vec sums[MATCH_PIXELS * MATCH_VECS];
            match_multiply(staged + (ptrdiff_t)i * pitch, pitch, m->panels + (ptrdiff_t)j * channels,
                           channels, sums);
            for (int p = 0; p < MATCH_PIXELS; p++)
                match_raise(sums + (ptrdiff_t)p * MATCH_VECS, j, units, best.product[i + p],
                            best.unit[i + p]);
        }
    }
    for (int32_t i = 0; i < count; i++)
        match_seed(m, first + i, match_pick(best.product[i], best.unit[i]));
}

static void match(const gd_match_pass *m)
{
    const int64_t pixels = (int64_t)m->pass.dst_rows * m->pass.dst_cols;
    const int64_t chunks = (pixels + GD_MATCH_CHUNK - 1) / GD_MATCH_CHUNK;
    const size_t each = gd_match_scratch_floats(m->pass.blocks * GD_BLOCK);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < chunks; i++) {
        const int64_t first = i * GD_MATCH_CHUNK, left = pixels - first;
        match_chunk(m, first, (int32_t)(left < GD_MATCH_CHUNK ? left : GD_MATCH_CHUNK),
                    m->scratch + (size_t)omp_get_thread_num() * each);
    }
}

#endif
