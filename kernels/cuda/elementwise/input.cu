/* Converts the pixels of a window to the first tensor. */
#include "kernels/cuda/elementwise/pixels.cuh"
#include "kernels/cuda/elementwise/value.cuh"

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS)
    input(const float *__restrict__ window, int32_t window_line, float red, float green, float blue,
          gd_cuda_slice dst)
{
    __shared__ float pixels[GD_RUN_FLOATS];
    const gd_run run = gd_find_run(dst.cols);
    gd_fetch_run(pixels, window + ((int64_t)run.y * window_line + run.x) * 3, run.pixels * 3);
    gd_barrier();
    for (int32_t x = (int32_t)threadIdx.x; x < run.pixels; x += GD_THREADS) {
        gd_eight eight = gd_all(0);
        eight.at[0] = pixels[x * 3] + red;
        eight.at[1] = pixels[x * 3 + 1] + green;
        eight.at[2] = pixels[x * 3 + 2] + blue;
        gd_store<T>(gd_unit<T>(dst, run.y, run.x + x, 0), eight);
    }
}

template <typename T>
static cudaError_t launch(const float *window, int32_t window_line, float red, float green, float blue,
                          gd_cuda_slice dst, cudaStream_t stream)
{
    const int64_t blocks = gd_run_blocks(dst.rows, dst.cols);
    return GD_LAUNCH_BLOCKS(input<T>, blocks, stream, window, window_line, red, green, blue, dst);
}

cudaError_t gd_launch_input(gd_cuda_type type, const float *window, int32_t window_line, float red,
                            float green, float blue, gd_cuda_slice dst, cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, window, window_line, red, green, blue, dst, stream);
}
