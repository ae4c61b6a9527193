/* Epilogue of our own convolutions: bias, sum, ReLU and mask in one pass. For files that are compiled as
 * vec.h asks. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_EPILOGUE_H
#define GD_KERNELS_CPU_ELEMENTWISE_EPILOGUE_H

#include "kernels/cpu/elementwise/pass.h"
#include "kernels/cpu/elementwise/vec.h"

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
    bool masked = block >= pass->mask_at && block < pass->mask_at + pass->mask_blocks;
    return (gd_epilogue){
        .dst = (gd_unit *)pass->dst + block * size * GD_BLOCK,
        .mask = masked ? (gd_bits *)pass->mask + (block - pass->mask_at) * pass->mask_size : NULL,
        .bias = bias ? vec_load_floats(bias + (ptrdiff_t)block * GD_BLOCK) : vec_all(0),
        .accumulate = pass->accumulate,
        .relu = pass->relu,
        .write_mask = pass->write_mask,
    };
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
