/* Updates the canvas where a mask is not black, and takes the input where it is. */
#include "kernels/cuda/elementwise/place.cuh"

/* One thread for a pixel. */
static __global__ void update_masked(float *__restrict__ canvas, const float *__restrict__ gradient,
                                     const float *__restrict__ mask, int64_t pixels, double step)
{
    const int64_t i = gd_thread();
    if (i >= pixels || !(mask[i] > 0))
        return;
    const double weight = step * (double)mask[i];
    for (int32_t c = 0; c < 3; c++) {
        const double value = (double)canvas[i * 3 + c] + weight * (double)gradient[i * 3 + c];
        canvas[i * 3 + c] = (float)(value < -1 ? -1 : value > 1 ? 1 : value);
    }
}

static __global__ void keep_masked(float *__restrict__ canvas, const float *__restrict__ input,
                                   const float *__restrict__ mask, int64_t pixels)
{
    const int64_t i = gd_thread();
    if (i >= pixels || mask[i] > 0)
        return;
    for (int32_t c = 0; c < 3; c++)
        canvas[i * 3 + c] = input[i * 3 + c];
}

cudaError_t gd_launch_mask_update(float *canvas, const float *gradient, const float *mask, int64_t pixels,
                                  double step, cudaStream_t stream)
{
    return GD_LAUNCH_BLOCKS(update_masked, gd_blocks(pixels), stream, canvas, gradient, mask, pixels, step);
}

cudaError_t gd_launch_mask_keep(float *canvas, const float *input, const float *mask, int64_t pixels,
                                cudaStream_t stream)
{
    return GD_LAUNCH_BLOCKS(keep_masked, gd_blocks(pixels), stream, canvas, input, mask, pixels);
}
