/* Blends the canvas with the input. */
#include "kernels/cuda/elementwise/place.cuh"

/* Resampled values may lie a little outside of what a picture shows. */
static __device__ __forceinline__ double shown(double value)
{
    return value < -1 ? -1 : value > 1 ? 1 : value;
}

/* One thread for a pixel. */
static __global__ void blend(float *__restrict__ dream, const float *__restrict__ input, int64_t pixels,
                             float strength, bool luma)
{
    const int64_t i = gd_thread() * 3;
    if (i >= pixels * 3)
        return;
    double from[3], by[3];
    for (int c = 0; c < 3; c++) {
        from[c] = shown(input[i + c]);
        by[c] = shown(dream[i + c]) - from[c];
    }
    const double grey = 0.2126 * by[0] + 0.7152 * by[1] + 0.0722 * by[2];
    for (int c = 0; c < 3; c++)
        dream[i + c] = (float)(from[c] + strength * (shown(from[c] + (luma ? grey : by[c])) - from[c]));
}

cudaError_t gd_launch_blend(float *dream, const float *input, int64_t pixels, float strength, bool luma,
                            cudaStream_t stream)
{
    return GD_LAUNCH_BLOCKS(blend, gd_blocks(pixels), stream, dream, input, pixels, strength, luma);
}
