/* Adds a multiple of the gradient to the canvas, and clips it. */
#include "kernels/cuda/elementwise/place.cuh"

#include <math.h>

/* Fused multiply-add, independent of the compiler; NaN stays NaN. */
static __device__ __forceinline__ float stepped(float canvas, float gradient, float step)
{
    const float value = fmaf(step, gradient, canvas);
    return value < -1 ? -1.0F : value > 1 ? 1.0F : value;
}

enum { QUADS = 2, PART = QUADS * 4 * GD_THREADS }; /* float4 of a thread, floats of a block */

static __global__ void __launch_bounds__(GD_THREADS)
    update(float *__restrict__ canvas, const float *__restrict__ gradient, int64_t count, float step,
           bool aligned)
{
    const int64_t first = (int64_t)blockIdx.x * PART, end = first + PART < count ? first + PART : count;
    if (!aligned || end < first + PART) {
        for (int64_t i = first + threadIdx.x; i < end; i += GD_THREADS)
            canvas[i] = stepped(canvas[i], gradient[i], step);
        return;
    }
    float4 *at = (float4 *)(canvas + first) + threadIdx.x;
    const float4 *by = (const float4 *)(gradient + first) + threadIdx.x;
    float4 c[QUADS], g[QUADS];
    for (int k = 0; k < QUADS; k++) {
        c[k] = __ldca(at + k * GD_THREADS);
        g[k] = __ldcs(by + k * GD_THREADS);
    }
    for (int k = 0; k < QUADS; k++)
        __stwb(at + k * GD_THREADS,
               make_float4(stepped(c[k].x, g[k].x, step), stepped(c[k].y, g[k].y, step),
                           stepped(c[k].z, g[k].z, step), stepped(c[k].w, g[k].w, step)));
}

cudaError_t gd_launch_update(float *canvas, const float *gradient, int64_t count, float step,
                             cudaStream_t stream)
{
    const bool aligned = ((uintptr_t)canvas | (uintptr_t)gradient) % 16 == 0;
    const int64_t blocks = (count + PART - 1) / PART;
    return GD_LAUNCH_BLOCKS(update, blocks, stream, canvas, gradient, count, step, aligned);
}
