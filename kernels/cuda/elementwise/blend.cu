/* Blends the canvas with the input. */
#include "kernels/cuda/elementwise/pixels.cuh"

/* Resampled values may lie a little outside of what a picture shows. */
static __device__ __forceinline__ double shown(double value)
{
    return value < -1 ? -1 : value > 1 ? 1 : value;
}

/* A pixel in shared memory. */
static __device__ __forceinline__ void blend_pixel(float *dream, const float *input, float strength,
                                                   bool luma)
{
    double from[3], by[3];
    for (int c = 0; c < 3; c++) {
        from[c] = shown(input[c]);
        by[c] = shown(dream[c]) - from[c];
    }
    const double grey = 0.2126 * by[0] + 0.7152 * by[1] + 0.0722 * by[2];
    for (int c = 0; c < 3; c++)
        dream[c] = (float)(from[c] + strength * (shown(from[c] + (luma ? grey : by[c])) - from[c]));
}

/* The pixels are taken for one row. */
static __global__ void __launch_bounds__(GD_THREADS)
    blend(float *__restrict__ dream, const float *__restrict__ input, int64_t pixels, float strength,
          bool luma)
{
    __shared__ float dreamt[GD_RUN_FLOATS], given[GD_RUN_FLOATS];
    const int64_t first = (int64_t)blockIdx.x * GD_RUN;
    const int32_t count = pixels - first < GD_RUN ? (int32_t)(pixels - first) : (int32_t)GD_RUN;
    gd_fetch_run(dreamt, dream + first * 3, count * 3);
    gd_fetch_run(given, input + first * 3, count * 3);
    gd_barrier();
    for (int32_t i = (int32_t)threadIdx.x; i < count; i += GD_THREADS)
        blend_pixel(dreamt + i * 3, given + i * 3, strength, luma);
    gd_barrier();
    gd_store_run(dream + first * 3, dreamt, count * 3);
}

cudaError_t gd_launch_blend(float *dream, const float *input, int64_t pixels, float strength, bool luma,
                            cudaStream_t stream)
{
    const int64_t blocks = (pixels + GD_RUN - 1) / GD_RUN;
    return GD_LAUNCH_BLOCKS(blend, blocks, stream, dream, input, pixels, strength, luma);
}
