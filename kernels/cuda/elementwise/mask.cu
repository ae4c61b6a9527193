/* Updates the canvas where a mask is not black, and takes the input where it is. */
#include "kernels/cuda/elementwise/pixels.cuh"

/* A block's run of pixels in shared memory. */
struct masked_run {
    float canvas[GD_RUN_FLOATS], other[GD_RUN_FLOATS], mask[GD_RUN];
};

/* The pixels are taken for one row. Returns how many the block has; `other`, as large as the canvas, may be
 * NULL: then nothing is fetched of it. */
static __device__ __forceinline__ int32_t fetch(masked_run &run, const float *canvas, const float *other,
                                                const float *mask, int64_t pixels)
{
    const int64_t first = (int64_t)blockIdx.x * GD_RUN;
    const int32_t count = pixels - first < GD_RUN ? (int32_t)(pixels - first) : (int32_t)GD_RUN;
    gd_fetch_run(run.canvas, canvas + first * 3, count * 3);
    if (other)
        gd_fetch_run(run.other, other + first * 3, count * 3);
    gd_fetch_run(run.mask, mask + first, count);
    gd_barrier();
    return count;
}

static __device__ __forceinline__ void store(float *canvas, const masked_run &run, int32_t count)
{
    gd_barrier();
    gd_store_run(canvas + (int64_t)blockIdx.x * GD_RUN * 3, run.canvas, count * 3);
}

static __global__ void __launch_bounds__(GD_THREADS)
    update_masked(float *__restrict__ canvas, const float *__restrict__ gradient,
                  const float *__restrict__ mask, int64_t pixels, double step)
{
    __shared__ masked_run run;
    const int32_t count = fetch(run, canvas, gradient, mask, pixels);
    for (int32_t i = (int32_t)threadIdx.x; i < count; i += GD_THREADS) {
        if (!(run.mask[i] > 0))
            continue;
        const double weight = step * (double)run.mask[i];
        for (int32_t c = i * 3; c < i * 3 + 3; c++) {
            const double value = (double)run.canvas[c] + weight * (double)run.other[c];
            run.canvas[c] = (float)(value < -1 ? -1 : value > 1 ? 1 : value);
        }
    }
    store(canvas, run, count);
}

static __global__ void __launch_bounds__(GD_THREADS)
    keep_masked(float *__restrict__ canvas, const float *__restrict__ input, const float *__restrict__ mask,
                int64_t pixels)
{
    __shared__ masked_run run;
    const int32_t count = fetch(run, canvas, input, mask, pixels);
    for (int32_t i = (int32_t)threadIdx.x; i < count; i += GD_THREADS)
        if (!(run.mask[i] > 0))
            for (int32_t c = i * 3; c < i * 3 + 3; c++)
                run.canvas[c] = input ? run.other[c] : 0;
    store(canvas, run, count);
}

static int64_t blocks_of(int64_t pixels)
{
    return (pixels + GD_RUN - 1) / GD_RUN;
}

cudaError_t gd_launch_mask_update(float *canvas, const float *gradient, const float *mask, int64_t pixels,
                                  double step, cudaStream_t stream)
{
    return GD_LAUNCH_BLOCKS(update_masked, blocks_of(pixels), stream, canvas, gradient, mask, pixels, step);
}

cudaError_t gd_launch_mask_keep(float *canvas, const float *input, const float *mask, int64_t pixels,
                                cudaStream_t stream)
{
    return GD_LAUNCH_BLOCKS(keep_masked, blocks_of(pixels), stream, canvas, input, mask, pixels);
}
