/* Windows of 3x3 pools, and their walk over the rows of dst. For files that are compiled as vec.h asks. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_POOLS_H
#define GD_KERNELS_CPU_ELEMENTWISE_POOLS_H

#include "kernels/cpu/elementwise/epilogue.h"
#include "kernels/cpu/elementwise/pass.h"
#include "kernels/cpu/elementwise/vec.h"

#include <stdint.h>

/* first .. last, both counted. */
typedef struct gd_span {
    int32_t first, last;
} gd_span;

/* The real pixels, of `extent`, of the window that begins at `at`. */
static inline gd_span gd_window_from(int32_t at, int32_t extent)
{
    return (gd_span){at > 0 ? at : 0, at + 2 < extent ? at + 2 : extent - 1};
}

/* One over the number of pixels of a window. */
static inline float gd_one_over(int32_t pixels)
{
    static const float one_over[10] = {
        [1] = 1, [2] = 1.0F / 2, [3] = 1.0F / 3, [4] = 1.0F / 4, [6] = 1.0F / 6, [9] = 1.0F / 9};
    return one_over[pixels];
}

static inline int32_t gd_span_count(gd_span span)
{
    return span.last - span.first + 1;
}

/* The span without what is outside [first, last]. */
static inline gd_span gd_span_within(gd_span span, int32_t first, int32_t last)
{
    return (gd_span){span.first > first ? span.first : first, span.last < last ? span.last : last};
}

/* The numbers from 0 on whose multiples by `stride` lie in [first, last]. */
static inline gd_span gd_span_of_steps(int32_t first, int32_t last, int32_t stride)
{
    return (gd_span){first > 0 ? (first + stride - 1) / stride : 0, last < 0 ? -1 : last / stride};
}

/* The windows (one every `stride` pixels, `count` of them) that hold pixel `at`. */
static inline gd_span gd_windows_over(int32_t at, int32_t stride, int32_t count)
{
    return gd_span_within(gd_span_of_steps(at - 2, at, stride), 0, count - 1);
}

/* `a`, or if it is empty `b`. */
static inline gd_span gd_span_or(gd_span a, gd_span b)
{
    return a.first <= a.last ? a : b;
}

/* A row of dst, in one block, and the block that it is taken from. */
typedef struct gd_pool_row {
    const gd_pass *pass;
    const gd_unit *src; /* [src_rows][src_cols][GD_BLOCK] */
    gd_unit *dst;       /* [dst_cols][GD_BLOCK] */
    uint8_t *winner;    /* of the block, or NULL */
    gd_bits *mask;      /* beside dst, or NULL */
    int32_t y;
} gd_pool_row;

typedef void gd_pool_function(const gd_pool_row *row);

/* A pool by rows of dst, in parallel. */
static void pool_rows(const gd_pass *pass, gd_pool_function *run)
{
    const int64_t rows = (int64_t)pass->blocks * pass->dst_rows;
    const ptrdiff_t src_size = (ptrdiff_t)pass->src_rows * pass->src_cols * GD_BLOCK;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < rows; r++) {
        const int32_t block = (int32_t)(r / pass->dst_rows), y = (int32_t)(r % pass->dst_rows);
        gd_bits *mask = mask_of_block(pass, block);
        run(&(gd_pool_row){.pass = pass,
                           .src = (const gd_unit *)pass->src + block * src_size,
                           .dst = (gd_unit *)pass->dst + r * pass->dst_cols * GD_BLOCK,
                           .winner =
                               pass->winner ? pass->winner + block * pass->winner_size * GD_BLOCK : NULL,
                           .mask = mask ? mask + (ptrdiff_t)y * pass->mask_pitch : NULL,
                           .y = y});
    }
}

#endif
