/* Converts the pixels of a window to the first tensor. */
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/value.cuh"

template <typename T>
static __global__ void input(const float *__restrict__ window, int64_t pixels, gd_cuda_slice dst)
{
    const int64_t pixel = gd_thread();
    if (pixel >= pixels)
        return;
    gd_eight eight = gd_all(0);
    for (int c = 0; c < 3; c++)
        eight.at[c] = window[pixel * 3 + c];
    gd_store<T>(gd_unit<T>(dst, pixel, 0), eight);
}

template <typename T> static cudaError_t launch(const float *window, gd_cuda_slice dst, cudaStream_t stream)
{
    const int64_t pixels = (int64_t)dst.rows * dst.cols, blocks = gd_blocks(pixels);
    return GD_LAUNCH_BLOCKS(input<T>, blocks, stream, window, pixels, dst);
}

cudaError_t gd_launch_input(gd_cuda_type type, const float *window, gd_cuda_slice dst, cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, window, dst, stream);
}
