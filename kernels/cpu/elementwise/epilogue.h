/* Epilogue of our own convolutions: bias, sum, ReLU and mask in one pass. For files that are compiled as
 * vec.h asks. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_EPILOGUE_H
#define GD_KERNELS_CPU_ELEMENTWISE_EPILOGUE_H

#include "kernels/cpu/elementwise/pass.h"
#include "kernels/cpu/elementwise/vec.h"

static inline gd_bits *mask_of_block(const gd_pass *pass, int32_t block)
{
    int32_t at = block - pass->mask_at;
    if (at < 0 || at >= pass->mask_blocks)
        return NULL;
    return (gd_bits *)pass->mask + at * pass->mask_size;
}

/* Ends a backward function at one pixel. */
INLINE void finish_back(gd_unit *dst, gd_vec sum, const gd_bits *mask, bool accumulate)
{
    if (accumulate)
        sum = vec_add(vec_load(dst), sum);
    if (mask)
        sum = vec_keep(*mask, sum);
    vec_store(dst, sum);
}

/* The same at two pixels, one beside the other. */
INLINE void finish_back_two(gd_unit *dst, gd_vec first, gd_vec second, const gd_bits *mask, bool accumulate)
{
    if (accumulate) {
        first = vec_add(vec_load(dst), first);
        second = vec_add(vec_load(dst + GD_BLOCK), second);
    }
    if (mask) {
        first = vec_keep(mask[0], first);
        second = vec_keep(mask[1], second);
    }
    vec_store_two(dst, first, second);
}

/* Destination and epilogue of the results of one block. */
typedef struct gd_epilogue {
    gd_unit *dst;  /* [pixels][GD_BLOCK] */
    gd_bits *mask; /* beside dst, or NULL */
    gd_vec bias;
    bool accumulate, relu, write_mask;
} gd_epilogue;

/* The epilogue of a block of dst; bias: [channels of dst] or NULL. */
INLINE gd_epilogue epilogue_of(const gd_pass *pass, const float *bias, int32_t block)
{
    ptrdiff_t size = (ptrdiff_t)pass->dst_rows * pass->dst_cols;
    return (gd_epilogue){
        .dst = (gd_unit *)pass->dst + block * size * GD_BLOCK,
        .mask = mask_of_block(pass, block),
        .bias = bias ? vec_load_floats(bias + (ptrdiff_t)block * GD_BLOCK) : vec_all(0),
        .accumulate = pass->accumulate,
        .relu = pass->relu,
        .write_mask = pass->write_mask,
    };
}

/* The seed's value for each channel of a block. */
INLINE gd_vec seed_of_block(const gd_pass *pass, int32_t block)
{
    float values[GD_BLOCK];
    for (int32_t c = 0; c < GD_BLOCK; c++)
        values[c] = pass->factors ? (float)pass->factors[(ptrdiff_t)block * GD_BLOCK + c] : pass->value;
    return vec_load_floats(values);
}

/* One result: bias, sum, ReLU, mask. `bits`: its place in the mask. */
INLINE void finish(const gd_epilogue *epilogue, gd_vec value, ptrdiff_t pixel, ptrdiff_t bits)
{
    gd_unit *dst = epilogue->dst + pixel * GD_BLOCK;
    value = vec_add(value, epilogue->bias);
    if (epilogue->accumulate)
        value = vec_add(vec_load(dst), value);
    if (epilogue->relu)
        value = vec_max(value, vec_all(0));
    if (epilogue->mask && !epilogue->write_mask)
        value = vec_keep(epilogue->mask[bits], value);
    const gd_bits positive = vec_store(dst, value);
    if (epilogue->mask && epilogue->write_mask)
        epilogue->mask[bits] = positive;
}

/* The place in the mask of a pixel of dst. */
INLINE ptrdiff_t bits_of(const gd_pass *pass, ptrdiff_t pixel)
{
    if (pass->mask_pitch == pass->dst_cols)
        return pixel;
    const uint32_t y = (uint32_t)pixel / (uint32_t)pass->dst_cols;
    return pixel + (ptrdiff_t)y * (pass->mask_pitch - pass->dst_cols);
}

/* Results of a plain product, sums[pixels][blocks] from pixel `at` on: those numbered [begin, end). */
INLINE void finish_sums(const gd_pass *pass, const float *bias, const gd_vec *sums, int32_t block, int blocks,
                        ptrdiff_t at, int32_t begin, int32_t end)
{
    for (int b = 0; b < blocks; b++) {
        const gd_epilogue epilogue = epilogue_of(pass, bias, block + b);
        for (int32_t i = begin; i < end; i++)
            finish(&epilogue, sums[i * blocks + b], at + i, bits_of(pass, at + i));
    }
}

#endif
