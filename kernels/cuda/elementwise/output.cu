/* Converts the last tensor to the gradient of the window's pixels. */
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/value.cuh"

/* The part of src that is written. */
struct part {
    int32_t row, col, rows, cols;
};

template <typename T>
static __global__ void output(gd_cuda_slice src, part at, float scale, float *__restrict__ gradient,
                              int32_t *__restrict__ overflow)
{
    const int64_t pixel = gd_thread();
    if (pixel >= (int64_t)at.rows * at.cols)
        return;
    const int64_t from = (at.row + pixel / at.cols) * src.cols + at.col + pixel % at.cols;
    const gd_eight eight = gd_load<T>(gd_unit<T>(src, from, 0));
    gd_eight scaled;
    for (int c = 0; c < 3; c++) {
        scaled.at[c] = eight.at[c] * scale;
        gradient[pixel * 3 + c] = scaled.at[c];
    }
    if (!gd_finite(scaled, 3))
        atomicExch(overflow, 1);
}

template <typename T>
static cudaError_t launch(gd_cuda_slice src, part at, float scale, float *gradient, int32_t *overflow,
                          cudaStream_t stream)
{
    const int64_t blocks = gd_blocks((int64_t)at.rows * at.cols);
    return GD_LAUNCH_BLOCKS(output<T>, blocks, stream, src, at, scale, gradient, overflow);
}

cudaError_t gd_launch_output(gd_cuda_type type, gd_cuda_slice src, int32_t row, int32_t col, float scale,
                             float *gradient, int32_t rows, int32_t cols, int32_t *overflow,
                             cudaStream_t stream)
{
    const part at = {row, col, rows, cols};
    return GD_BY_TYPE(type, launch, src, at, scale, gradient, overflow, stream);
}
