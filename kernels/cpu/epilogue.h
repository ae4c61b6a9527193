/* How a convolution of ours ends: bias, sum, ReLU and mask in one pass, for files that are compiled as vec.h
 * asks. */
#ifndef GD_CPU_EPILOGUE_H
#define GD_CPU_EPILOGUE_H

#include "kernels/cpu/vec.h"
#include "kernels/cpu/winograd.h"

/* Where and how the results of a block end. */
typedef struct gd_epilogue {
    gd_unit *dst;  /* [pixels][GD_BLOCK] */
    gd_bits *mask; /* [pixels] or NULL */
    gd_vec bias;
    bool accumulate, relu, write_mask;
} gd_epilogue;

INLINE gd_epilogue ending_of(const gd_winograd *w, int32_t block)
{
    const gd_pass *pass = &w->pass;
    ptrdiff_t size = (ptrdiff_t)pass->dst_rows * pass->dst_cols;
    bool masked = block >= pass->mask_at && block < pass->mask_at + pass->mask_blocks;
    return (gd_epilogue){
        .dst = (gd_unit *)pass->dst + block * size * GD_BLOCK,
        .mask = masked ? (gd_bits *)pass->mask + (block - pass->mask_at) * size : NULL,
        .bias = w->bias ? vec_load_floats(w->bias + (ptrdiff_t)block * GD_BLOCK) : vec_all(0),
        .accumulate = pass->accumulate,
        .relu = pass->relu,
        .write_mask = pass->write_mask,
    };
}

/* One result: bias, sum, ReLU, mask. */
INLINE void finish(const gd_epilogue *ending, gd_vec value, ptrdiff_t pixel)
{
    gd_unit *dst = ending->dst + pixel * GD_BLOCK;
    value += ending->bias;
    if (ending->accumulate)
        value = vec_load(dst) + value;
    if (ending->relu)
        value = vec_max(value, vec_all(0));
    if (ending->mask && !ending->write_mask)
        value = vec_keep(ending->mask[pixel], value);
    vec_store(dst, value);
    if (ending->mask && ending->write_mask)
        ending->mask[pixel] = vec_positive(vec_load(dst));
}

/* Results of a plain product, sums[pixels][blocks] from pixel `at` on: those numbered [begin, end). */
INLINE void finish_sums(const gd_winograd *w, const gd_vec *sums, int32_t block, int blocks, ptrdiff_t at,
                        int32_t begin, int32_t end)
{
    for (int b = 0; b < blocks; b++) {
        const gd_epilogue ending = ending_of(w, block + b);
        for (int32_t i = begin; i < end; i++)
            finish(&ending, sums[i * blocks + b], at + i);
    }
}

#endif
