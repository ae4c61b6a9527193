/* Adds a multiple of one gradient to a multiple of another. */
#include "kernels/cuda/elementwise/place.cuh"

#include <math.h>

/* Fused multiply-add, independent of the compiler. */
static __global__ void __launch_bounds__(GD_THREADS)
    mix(float *__restrict__ to, int64_t to_stride, const float *__restrict__ from, int64_t from_stride,
        int32_t floats, float keep, float factor)
{
    const gd_place at = gd_find_place(floats, 1);
    if (!at.inside)
        return;
    float *value = to + at.y * to_stride + at.x;
    *value = fmaf(factor, from[at.y * from_stride + at.x], keep * *value);
}

cudaError_t gd_launch_mix(float *to, int64_t to_stride, const float *from, int64_t from_stride, int64_t rows,
                          int64_t floats, float keep, float factor, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(rows, floats);
    return GD_LAUNCH_BLOCKS(mix, blocks, stream, to, to_stride, from, from_stride, (int32_t)floats, keep,
                            factor);
}
