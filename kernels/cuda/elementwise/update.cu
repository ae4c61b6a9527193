/* Adds a multiple of the gradient to the canvas, and clips it. */
#include "kernels/cuda/elementwise/place.cuh"

#include <math.h>

/* Fused multiply-add, independent of the compiler; NaN stays NaN. */
static __device__ __forceinline__ float stepped(float canvas, float gradient, float step)
{
    const float value = fmaf(step, gradient, canvas);
    return value < -1 ? -1.0F : value > 1 ? 1.0F : value;
}

/* One thread for four floats. */
static __global__ void update(float *__restrict__ canvas, const float *__restrict__ gradient, int64_t count,
                              float step, bool aligned)
{
    const int64_t first = gd_thread() * 4;
    if (aligned && first + 4 <= count) {
        const float4 c = *(const float4 *)(canvas + first), g = *(const float4 *)(gradient + first);
        *(float4 *)(canvas + first) = make_float4(stepped(c.x, g.x, step), stepped(c.y, g.y, step),
                                                  stepped(c.z, g.z, step), stepped(c.w, g.w, step));
        return;
    }
    for (int64_t i = first; i < first + 4 && i < count; i++)
        canvas[i] = stepped(canvas[i], gradient[i], step);
}

cudaError_t gd_launch_update(float *canvas, const float *gradient, int64_t count, float step,
                             cudaStream_t stream)
{
    const bool aligned = ((uintptr_t)canvas | (uintptr_t)gradient) % 16 == 0;
    const int64_t blocks = gd_blocks((count + 3) / 4);
    return GD_LAUNCH_BLOCKS(update, blocks, stream, canvas, gradient, count, step, aligned);
}
