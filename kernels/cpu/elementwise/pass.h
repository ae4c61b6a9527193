/* Operands of the elementwise functions and of our own convolutions.
 *
 * Tensors are [blocks][rows][cols][block]; masks hold one bit a unit and winners one byte, in that order.
 * Masks and winners may be of tensors that hold more units than dst: they begin at dst's first unit. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_PASS_H
#define GD_KERNELS_CPU_ELEMENTWISE_PASS_H

#include "net/graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a normalization. */
enum { GD_LRN_CHANNELS_MAX = 1024 };

/* Operands of one pass. Pointers may be NULL where a pass does not read them. */
typedef struct gd_pass {
    const void *src;                  /* [blocks][src_rows][src_cols][block] */
    void *dst;                        /* [blocks][dst_rows][dst_cols][block] */
    uint8_t *winner;                  /* [blocks], beside a pool's result */
    void *mask;                       /* beside dst, [mask_blocks] of groups of `block` bits */
    int32_t mask_at, mask_blocks;     /* the blocks of dst that have a mask; 0 blocks: none */
    int32_t winner_pitch, mask_pitch; /* units from row to row */
    int64_t winner_size, mask_size;   /* units from block to block */
    int32_t blocks;
    int32_t src_rows, src_cols, dst_rows, dst_cols;
    int32_t pad_rows,
        pad_cols;       /* pools, lrn_back: as of the forward one; others: dst(y) takes src(y - pad) */
    int32_t stride;     /* max pools: 1 or 2 */
    const void *kept;   /* lrn_back: of dst's first unit, in a tensor of kept_size units a block */
    int32_t kept_pitch; /* units from row to row */
    int64_t kept_size;
    gd_lrn lrn;
    int32_t src_row, src_col, src_whole_rows, src_whole_cols; /* avg_pool_back: as of gd_tensor */
    bool relu, accumulate;                                    /* accumulate: dst += */
    bool write_mask;        /* of what dst gets; otherwise the mask is applied to it */
    bool src_floats;        /* combine, combine_lattice: src holds float32 */
    int32_t row, col, step; /* combine_lattice; row and col may be negative */
    float value;            /* seeds */
    const double *factors;  /* seeds: instead of value, [blocks * block]; NULL: none */
} gd_pass;

/* Units of the guide that are multiplied at once, and pixels that a thread takes at a time. */
enum { GD_MATCH_PANEL = 32, GD_MATCH_CHUNK = 24 };

/* Seeds with a guide's units (net/objective.h), of pass.blocks * block channels. */
typedef struct gd_match_pass {
    gd_pass pass;        /* src, dst, mask and accumulate; value or factors weigh the guide's units */
    const float *panels; /* [panels][channels][GD_MATCH_PANEL], zeros behind the last unit */
    const float *rows;   /* [units][channels] */
    int32_t units;
    float *scratch; /* gd_match_scratch_floats for each thread */
} gd_match_pass;

/* Floats from pixel to pixel in scratch: rows of a power of two would share a cache's lines. */
static inline int32_t gd_match_pitch(int32_t channels)
{
    return channels + 16;
}

static inline size_t gd_match_scratch_floats(int32_t channels)
{
    return (size_t)GD_MATCH_CHUNK * (size_t)gd_match_pitch(channels);
}

/* The backward pass of the first convolution, from `blocks` blocks at src_rows x src_cols to a picture. */
typedef struct gd_picture_pass {
    const void *src; /* [blocks][src_rows][src_cols][block] */
    /* [groups][blocks * block][GD_PICTURE_TAPS]: of each group of kernel rows lane (ky * kernel_cols + kx) *
     * 3 + colour, ky counted in the group. */
    const float *weights;
    float *dst; /* [rows][cols][3], overwritten */
    int32_t blocks, src_rows, src_cols, rows, cols;
    int32_t kernel_rows, kernel_cols, stride, pad_rows, pad_cols;
} gd_picture_pass;

enum { GD_PICTURE_TAPS = 32 }; /* 3 * 3 * 3, or a row of 7 * 3, rounded up */

/* Kernel rows in a group; at least one for kernels of up to ten columns. */
static inline int32_t gd_picture_group_rows(int32_t kernel_cols)
{
    return GD_PICTURE_TAPS / (3 * kernel_cols);
}

#endif
