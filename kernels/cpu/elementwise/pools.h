/* Windows of 3x3 pools along one axis. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_POOLS_H
#define GD_KERNELS_CPU_ELEMENTWISE_POOLS_H

#include <stdint.h>

/* first .. last, both counted. */
typedef struct gd_span {
    int32_t first, last;
} gd_span;

/* The windows (one every `stride` pixels, `count` of them) that hold pixel `at`. */
static inline gd_span gd_windows_over(int32_t at, int32_t stride, int32_t count)
{
    gd_span span = {at > 2 ? (at - 3) / stride + 1 : 0, at / stride};
    if (span.last > count - 1)
        span.last = count - 1;
    return span;
}

/* The real pixels, of `extent`, of the window that begins at `at`. */
static inline gd_span gd_window_from(int32_t at, int32_t extent)
{
    return (gd_span){at > 0 ? at : 0, at + 2 < extent ? at + 2 : extent - 1};
}

/* The real pixels of the window around `at` (stride 1, `extent` pixels); also the windows that hold it. */
static inline gd_span gd_window_at(int32_t at, int32_t extent)
{
    return gd_window_from(at - 1, extent);
}

/* One over the number of pixels of a window. */
static inline float gd_one_over(int32_t pixels)
{
    static const float one_over[10] = {
        [1] = 1, [2] = 1.0F / 2, [3] = 1.0F / 3, [4] = 1.0F / 4, [6] = 1.0F / 6, [9] = 1.0F / 9};
    return one_over[pixels];
}

static inline float gd_window_weight(gd_span rows, gd_span cols)
{
    return gd_one_over((rows.last - rows.first + 1) * (cols.last - cols.first + 1));
}

#endif
