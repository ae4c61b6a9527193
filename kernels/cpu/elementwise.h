/* What is done to tensors between convolutions: masks, sums, pools, the picture. Tables of functions, one for
 * each instruction set and precision; their bits do not depend on the instruction set's vectors, nor on
 * threads.
 *
 * Tensors are [blocks][rows][cols][block]; masks hold one bit a unit and winners one byte, in that order. */
#ifndef GD_CPU_ELEMENTWISE_H
#define GD_CPU_ELEMENTWISE_H

#include <stdbool.h>
#include <stdint.h>

/* Operands of one pass. Pointers may be NULL where a pass does not read them. */
typedef struct gd_pass {
    const void *src;              /* [blocks][src_rows][src_cols][block] */
    void *dst;                    /* [blocks][dst_rows][dst_cols][block] */
    uint8_t *winner;              /* [blocks], at the size of a pool's result */
    void *mask;                   /* of dst, [mask_blocks][dst_rows][dst_cols] groups of `block` bits */
    int32_t mask_at, mask_blocks; /* the blocks of dst that have a mask; 0 blocks: none */
    int32_t blocks;
    int32_t src_rows, src_cols, dst_rows, dst_cols;
    bool relu, accumulate;  /* accumulate: dst += */
    bool write_mask;        /* of what dst gets; otherwise the mask is applied to it */
    bool src_floats;        /* combine, combine_lattice: src holds float32 */
    int32_t row, col, step; /* combine_lattice */
    float value;
} gd_pass;

/* The first convolution's way back, from `blocks` blocks at src_rows x src_cols to a picture. */
typedef struct gd_picture_pass {
    const void *src;      /* [blocks][src_rows][src_cols][block] */
    const float *weights; /* [blocks * block][GD_PICTURE_TAPS]: lane (ky * kernel_cols + kx) * 3 + colour */
    float *dst;           /* [rows][cols][3], overwritten */
    int32_t blocks, src_rows, src_cols, rows, cols;
    int32_t kernel_rows, kernel_cols, stride;
} gd_picture_pass;

enum { GD_PICTURE_TAPS = 32 }; /* 3 * 3 * 3, rounded up */

struct gd_winograd; /* winograd.h */

typedef struct gd_elementwise {
    int32_t block;
    int32_t bytes; /* of a unit: 4 or 2 */

    void (*extract)(const gd_pass *pass); /* mask = dst > 0 */
    /* dst = keep(mask, relu(dst + src)), or with write_mask dst = relu(dst + src), mask = dst > 0; dst counts
     * only with accumulate, src only if not NULL, relu only if asked for. */
    void (*combine)(const gd_pass *pass);
    /* The same with a mask that is read, at the pixels (row + step * y, col + step * x) of dst; where src has
     * no (y, x), it counts as zero. */
    void (*combine_lattice)(const gd_pass *pass);
    void (*seed)(const gd_pass *pass); /* the same with src = value */
    /* floats = src, `count` units. */
    void (*widen)(const void *src, int64_t count, float *floats);

    /* Pools: 3x3; max with stride 2 and no padding, mean with stride 1 over the real pixels. Forward they
     * write winner or mask, back they read them, and dst is what the forward pool read. */
    void (*max_pool)(const gd_pass *pass);
    void (*max_pool_back)(const gd_pass *pass);
    void (*avg_pool)(const gd_pass *pass);
    void (*avg_pool_back)(const gd_pass *pass);

    /* planes = [3][rows][cols] units, window = [rows][cols][3]. */
    void (*read_picture)(const float *window, int64_t rows, int64_t cols, void *planes);
    void (*picture_back)(const gd_picture_pass *pass);

    void (*winograd)(const struct gd_winograd *w); /* (optional) */

    /* `count` units to and from float, for tests. */
    void (*to_floats)(const void *units, int64_t count, float *floats);
    void (*from_floats)(const float *floats, int64_t count, void *units);
} gd_elementwise;

extern const gd_elementwise gd_elementwise_f32;        /* block 8, any processor */
extern const gd_elementwise gd_elementwise_f32_avx512; /* block 16 */
extern const gd_elementwise gd_elementwise_bf16_avx512;

#endif
