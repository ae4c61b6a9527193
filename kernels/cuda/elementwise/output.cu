/* Converts the last tensor to the gradient of the window's pixels. */
#include "kernels/cuda/elementwise/pixels.cuh"
#include "kernels/cuda/elementwise/value.cuh"

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS)
    output(gd_cuda_slice src, float scale, float *__restrict__ gradient, int32_t *__restrict__ overflow)
{
    __shared__ float pixels[GD_RUN_FLOATS];
    const gd_run run = gd_find_run(src.cols);
    gd_eight eight[GD_EACH];
    bool finite = true;
    for (int k = 0; k < GD_EACH; k++) {
        const int32_t x = (int32_t)threadIdx.x + k * GD_THREADS;
        eight[k] = x < run.pixels ? gd_load_last<T>(gd_unit<T>(src, run.y, run.x + x, 0)) : gd_all(0);
    }
    for (int k = 0; k < GD_EACH; k++) {
        const int32_t x = (int32_t)threadIdx.x + k * GD_THREADS;
        for (int c = 0; c < 3; c++) {
            eight[k].at[c] *= scale;
            pixels[x * 3 + c] = eight[k].at[c];
        }
        finite = finite && gd_finite(eight[k], 3);
    }
    if (!finite)
        atomicExch(overflow, 1);
    gd_barrier();
    gd_store_run(gradient + ((int64_t)run.y * src.cols + run.x) * 3, pixels, run.pixels * 3);
}

template <typename T>
static cudaError_t launch(gd_cuda_slice src, float scale, float *gradient, int32_t *overflow,
                          cudaStream_t stream)
{
    const int64_t blocks = gd_run_blocks(src.rows, src.cols);
    return GD_LAUNCH_BLOCKS(output<T>, blocks, stream, src, scale, gradient, overflow);
}

cudaError_t gd_launch_output(gd_cuda_type type, gd_cuda_slice src, float scale, float *gradient,
                             int32_t *overflow, cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, src, scale, gradient, overflow, stream);
}
