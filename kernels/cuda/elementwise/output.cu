/* Converts the last tensor to the gradient of the window's pixels. */
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/value.cuh"

template <typename T>
static __global__ void output(gd_cuda_slice src, float scale, float *__restrict__ gradient,
                              int32_t *__restrict__ overflow)
{
    const gd_place at = gd_find_place(src.cols, 1);
    if (!at.inside)
        return;
    const gd_eight eight = gd_load<T>(gd_unit<T>(src, at.y, at.x, 0));
    float *to = gradient + ((int64_t)at.y * src.cols + at.x) * 3;
    gd_eight scaled;
    for (int c = 0; c < 3; c++) {
        scaled.at[c] = eight.at[c] * scale;
        to[c] = scaled.at[c];
    }
    if (!gd_finite(scaled, 3))
        atomicExch(overflow, 1);
}

template <typename T>
static cudaError_t launch(gd_cuda_slice src, float scale, float *gradient, int32_t *overflow,
                          cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(src.rows, src.cols);
    return GD_LAUNCH_BLOCKS(output<T>, blocks, stream, src, scale, gradient, overflow);
}

cudaError_t gd_launch_output(gd_cuda_type type, gd_cuda_slice src, float scale, float *gradient,
                             int32_t *overflow, cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, src, scale, gradient, overflow, stream);
}
