/* Elementwise functions: masks, sums, pools, reading and writing the picture. Tables of functions, one for
 * each instruction set and precision; their bits do not depend on the instruction set's vectors, nor on
 * threads. */

#ifndef GD_KERNELS_CPU_ELEMENTWISE_H
#define GD_KERNELS_CPU_ELEMENTWISE_H

#include "kernels/cpu/elementwise/pass.h"

#include <stdint.h>

struct gd_winograd; /* winograd.h */

typedef struct gd_elementwise {
    int32_t block;
    int32_t bytes;    /* of a unit: 4 or 2 */
    bool interleaved; /* a picture is [rows][cols][3] units; else [3][rows][cols] */

    void (*extract)(const gd_pass *pass); /* mask = dst > 0 */
    /* dst = keep(mask, relu(dst + src)), or with write_mask dst = relu(dst + src), mask = dst > 0; dst counts
     * only with accumulate, src only if not NULL, relu only if asked for. */
    void (*combine)(const gd_pass *pass);
    /* The same with a mask that is read, at the pixels (row + step * y, col + step * x) of dst; where src has
     * no (y, x), it counts as zero. */
    void (*combine_lattice)(const gd_pass *pass);
    void (*seed)(const gd_pass *pass);     /* the same with value, times src if there is one */
    void (*match)(const gd_match_pass *m); /* dst (+)= what each unit of src matches, then the mask */
    /* floats = src, `count` units. */
    void (*widen)(const void *src, int64_t count, float *floats);

    /* Pools: 3x3 over the real pixels; mean with stride 1. Forward they write winner or mask, back they read
     * them, and dst is what the forward pool read. */
    void (*max_pool)(const gd_pass *pass);
    void (*max_pool_back)(const gd_pass *pass);
    void (*avg_pool)(const gd_pass *pass);
    void (*avg_pool_back)(const gd_pass *pass);

    /* Local response normalization across all channels of src: dst(y) = that of src(y - pad). Back, dst(y)
     * (+)= the gradient at `kept` of src(y + pad), then the mask. At most GD_LRN_CHANNELS_MAX channels. */
    void (*lrn)(const gd_pass *pass);
    void (*lrn_back)(const gd_pass *pass);

    /* picture = window + shift, [rows][cols][3] floats with `stride` floats from row to row. */
    void (*read_picture)(const float *window, int64_t stride, const float shift[3], int64_t rows,
                         int64_t cols, void *picture);
    void (*picture_back)(const gd_picture_pass *pass); /* (optional) */

    void (*winograd)(const struct gd_winograd *w); /* (optional) */
    /* Ends a convolution at the results [first, first + count) of block `block`, counted in row-major order,
     * which go to the pixels (row + step * y, col + step * x) of dst: bias, sum, ReLU, mask. sums:
     * [count][block]; bias: [channels of dst] or NULL. */
    void (*finish_tile)(const gd_pass *pass, const float *bias, const float *sums, int32_t block,
                        int64_t first, int32_t count);

    /* `count` units to and from float, for tests. */
    void (*to_floats)(const void *units, int64_t count, float *floats);
    void (*from_floats)(const float *floats, int64_t count, void *units);
} gd_elementwise;

extern const gd_elementwise gd_elementwise_f32;        /* block 8, any processor */
extern const gd_elementwise gd_elementwise_f32_avx512; /* block 16 */
extern const gd_elementwise gd_elementwise_bf16_avx512;
extern const gd_elementwise gd_elementwise_bf16_tiles;       /* block 32; wants AVX512_BF16 */
extern const gd_elementwise gd_elementwise_bf16_tiles_plain; /* the same bits on any processor */

#endif
