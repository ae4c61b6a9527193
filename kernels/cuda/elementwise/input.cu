/* Converts the pixels of a window to the first tensor. */
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/value.cuh"

template <typename T>
static __global__ void input(const float *__restrict__ window, int32_t window_line, float red, float green,
                             float blue, gd_cuda_slice dst)
{
    const gd_place at = gd_find_place(dst.cols, 1);
    if (!at.inside)
        return;
    const float *from = window + ((int64_t)at.y * window_line + at.x) * 3;
    gd_eight eight = gd_all(0);
    eight.at[0] = from[0] + red;
    eight.at[1] = from[1] + green;
    eight.at[2] = from[2] + blue;
    gd_store<T>(gd_unit<T>(dst, at.y, at.x, 0), eight);
}

template <typename T>
static cudaError_t launch(const float *window, int32_t window_line, float red, float green, float blue,
                          gd_cuda_slice dst, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(dst.rows, dst.cols);
    return GD_LAUNCH_BLOCKS(input<T>, blocks, stream, window, window_line, red, green, blue, dst);
}

cudaError_t gd_launch_input(gd_cuda_type type, const float *window, int32_t window_line, float red,
                            float green, float blue, gd_cuda_slice dst, cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, window, window_line, red, green, blue, dst, stream);
}
