/* Local response normalization: elementwise.h's lrn and lrn_back. For files that are compiled as vec.h asks.
 *
 * A pixel's channels are gathered into one row of floats with zeros on both sides, so that a channel's
 * neighbours are loads beside it. Formulas: kernels/reference/lrn.c. Powers are quarters: square roots and
 * quotients, which all processors round alike. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_LRN_H
#define GD_KERNELS_CPU_ELEMENTWISE_LRN_H

#include "kernels/cpu/elementwise/epilogue.h"
#include "kernels/cpu/elementwise/pass.h"
#include "kernels/cpu/elementwise/vec.h"

/* Zeros before and after the channels. */
enum { LRN_EDGE = GD_LRN_SIZE_MAX / 2, LRN_ROW = GD_LRN_CHANNELS_MAX + 2 * LRN_EDGE };

/* The constants of a pass. */
typedef struct lrn_constants {
    int32_t half, quarters;
    gd_vec bias;
    float scale, back; /* back: -2 * power * scale */
} lrn_constants;

INLINE lrn_constants lrn_constants_of(const gd_lrn *lrn)
{
    return (lrn_constants){.half = lrn->size / 2,
                           .quarters = lrn->quarters,
                           .bias = vec_all((float)lrn->bias),
                           .scale = (float)lrn->scale,
                           .back = (float)(-2 * (lrn->quarters / 4.0) * lrn->scale)};
}

/* v ^ -(quarters / 4). */
INLINE gd_vec lrn_power(gd_vec v, int32_t quarters)
{
    const gd_vec one = vec_all(1);
    if (quarters == 4)
        return vec_divide(one, v);
    const gd_vec root = vec_root(v);
    if (quarters == 2)
        return vec_divide(one, root);
    const gd_vec fourth = vec_root(root);
    return vec_divide(one, quarters == 1 ? fourth : vec_multiply(root, fourth));
}

/* The sum of the values beside those at `at`, itself among them. */
INLINE gd_vec lrn_beside(const float *at, int32_t half)
{
    gd_vec sum = vec_load_floats(at - half);
    for (int32_t i = 1 - half; i <= half; i++)
        sum = vec_add(sum, vec_load_floats(at + i));
    return sum;
}

/* bias + scale * the sum of squares. */
INLINE gd_vec lrn_divisor(const float *squares, const lrn_constants *k)
{
    return vec_add(k->bias, vec_scale(lrn_beside(squares, k->half), k->scale));
}

/* The squares of a pixel's channels, which lie `size` units apart from block to block. */
INLINE void lrn_square(const gd_unit *from, int64_t size, int32_t blocks, float *squares)
{
    for (int32_t b = 0; b < blocks; b++) {
        const gd_vec v = vec_load(from + b * size * GD_BLOCK);
        vec_store_floats(squares + (ptrdiff_t)b * GD_BLOCK, vec_multiply(v, v));
    }
}

static void lrn_row(const gd_pass *pass, const lrn_constants *k, int32_t y)
{
    float row[LRN_ROW] = {0}, *const squares = row + LRN_EDGE;
    const int64_t src_size = (int64_t)pass->src_rows * pass->src_cols;
    const int64_t dst_size = (int64_t)pass->dst_rows * pass->dst_cols;
    const gd_unit *src = (const gd_unit *)pass->src +
                         ((ptrdiff_t)(y - pass->pad_rows) * pass->src_cols - pass->pad_cols) * GD_BLOCK;
    gd_unit *dst = (gd_unit *)pass->dst + (ptrdiff_t)y * pass->dst_cols * GD_BLOCK;
    for (int32_t x = 0; x < pass->dst_cols; x++, src += GD_BLOCK, dst += GD_BLOCK) {
        lrn_square(src, src_size, pass->blocks, squares);
        for (int32_t b = 0; b < pass->blocks; b++) {
            const gd_vec power = lrn_power(lrn_divisor(squares + (ptrdiff_t)b * GD_BLOCK, k), k->quarters);
            vec_store(dst + b * dst_size * GD_BLOCK,
                      vec_multiply(vec_load(src + b * src_size * GD_BLOCK), power));
        }
    }
}

static void lrn(const gd_pass *pass)
{
    const lrn_constants k = lrn_constants_of(&pass->lrn);
#pragma omp parallel for schedule(static)
    for (int32_t y = 0; y < pass->dst_rows; y++)
        lrn_row(pass, &k, y);
}

/* Where a pixel of lrn_back lies, and the units from block to block. */
typedef struct lrn_pixel {
    const gd_unit *src, *kept;
    int64_t src_size, kept_size;
} lrn_pixel;

/* The two parts of a pixel's gradient: of a channel's own, and what its neighbours add up. */
INLINE void lrn_parts(const lrn_pixel *p, int32_t blocks, const lrn_constants *k, const float *squares,
                      float *own, float *others)
{
    for (int32_t b = 0; b < blocks; b++) {
        const ptrdiff_t at = (ptrdiff_t)b * GD_BLOCK;
        const gd_vec divisor = lrn_divisor(squares + at, k);
        const gd_vec scaled =
            vec_multiply(vec_load(p->src + b * p->src_size * GD_BLOCK), lrn_power(divisor, k->quarters));
        vec_store_floats(own + at, scaled);
        vec_store_floats(
            others + at,
            vec_divide(vec_multiply(scaled, vec_load(p->kept + b * p->kept_size * GD_BLOCK)), divisor));
    }
}

static void lrn_back_row(const gd_pass *pass, const lrn_constants *k, int32_t y)
{
    float rows[2][LRN_ROW] = {{0}}, own[GD_LRN_CHANNELS_MAX];
    float *const squares = rows[0] + LRN_EDGE, *const others = rows[1] + LRN_EDGE;
    lrn_pixel p = {.src = (const gd_unit *)pass->src +
                          ((ptrdiff_t)(y + pass->pad_rows) * pass->src_cols + pass->pad_cols) * GD_BLOCK,
                   .kept = (const gd_unit *)pass->kept + (ptrdiff_t)y * pass->kept_pitch * GD_BLOCK,
                   .src_size = (int64_t)pass->src_rows * pass->src_cols,
                   .kept_size = pass->kept_size};
    const ptrdiff_t first = (ptrdiff_t)y * pass->dst_cols, bits = (ptrdiff_t)y * pass->mask_pitch;
    for (int32_t x = 0; x < pass->dst_cols; x++, p.src += GD_BLOCK, p.kept += GD_BLOCK) {
        lrn_square(p.kept, p.kept_size, pass->blocks, squares);
        lrn_parts(&p, pass->blocks, k, squares, own, others);
        for (int32_t b = 0; b < pass->blocks; b++) {
            const ptrdiff_t at = (ptrdiff_t)b * GD_BLOCK;
            const gd_vec kept = vec_scale(vec_load(p.kept + b * p.kept_size * GD_BLOCK), k->back);
            const gd_epilogue epilogue = epilogue_of(pass, NULL, b);
            finish(&epilogue,
                   vec_add(vec_load_floats(own + at), vec_multiply(kept, lrn_beside(others + at, k->half))),
                   first + x, bits + x);
        }
    }
}

static void lrn_back(const gd_pass *pass)
{
    const lrn_constants k = lrn_constants_of(&pass->lrn);
#pragma omp parallel for schedule(static)
    for (int32_t y = 0; y < pass->dst_rows; y++)
        lrn_back_row(pass, &k, y);
}

#endif
