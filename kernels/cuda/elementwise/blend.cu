/* Blends the canvas with the input. */
#include "kernels/cuda/elementwise/place.cuh"

static __device__ __forceinline__ float blended(double input, double difference, double strength)
{
    const double value = input + strength * difference;
    return (float)(value < -1 ? -1 : value > 1 ? 1 : value);
}

/* One thread for a pixel. */
static __global__ void blend(float *__restrict__ dream, const float *__restrict__ input, int64_t pixels,
                             float strength, bool luma)
{
    const int64_t i = gd_thread() * 3;
    if (i >= pixels * 3)
        return;
    double red = (double)dream[i] - input[i], green = (double)dream[i + 1] - input[i + 1],
           blue = (double)dream[i + 2] - input[i + 2];
    if (luma)
        red = green = blue = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    dream[i] = blended(input[i], red, strength);
    dream[i + 1] = blended(input[i + 1], green, strength);
    dream[i + 2] = blended(input[i + 2], blue, strength);
}

cudaError_t gd_launch_blend(float *dream, const float *input, int64_t pixels, float strength, bool luma,
                            cudaStream_t stream)
{
    return GD_LAUNCH_BLOCKS(blend, gd_blocks(pixels), stream, dream, input, pixels, strength, luma);
}
