/* Adds a multiple of one gradient to a multiple of another. */
#include "kernels/cuda/elementwise/pixels.cuh"

#include <math.h>

/* Blocks for a row; a block has GD_RUN_FLOATS floats of it. */
static __host__ __device__ __forceinline__ uint32_t blocks_of(uint32_t floats)
{
    return floats / GD_RUN_FLOATS + (floats % GD_RUN_FLOATS != 0);
}

/* Fused multiply-add, independent of the compiler. */
static __global__ void __launch_bounds__(GD_THREADS)
    mix(float *__restrict__ to, int64_t to_stride, const float *__restrict__ from, int64_t from_stride,
        int32_t floats, float keep, float factor)
{
    __shared__ float own[GD_RUN_FLOATS], other[GD_RUN_FLOATS];
    const uint32_t blocks = blocks_of((uint32_t)floats), first = blockIdx.x % blocks * GD_RUN_FLOATS;
    const int64_t row = blockIdx.x / blocks;
    const uint32_t left = (uint32_t)floats - first;
    const int32_t count = left < GD_RUN_FLOATS ? (int32_t)left : (int32_t)GD_RUN_FLOATS;
    gd_fetch_run(own, to + row * to_stride + first, count);
    gd_fetch_run(other, from + row * from_stride + first, count);
    gd_barrier();
    for (int32_t i = (int32_t)threadIdx.x; i < count; i += GD_THREADS)
        own[i] = fmaf(factor, other[i], keep * own[i]);
    gd_barrier();
    gd_store_run(to + row * to_stride + first, own, count);
}

cudaError_t gd_launch_mix(float *to, int64_t to_stride, const float *from, int64_t from_stride, int64_t rows,
                          int64_t floats, float keep, float factor, cudaStream_t stream)
{
    const int64_t blocks = floats > INT32_MAX ? INT64_MAX : rows * (int64_t)blocks_of((uint32_t)floats);
    return GD_LAUNCH_BLOCKS(mix, blocks, stream, to, to_stride, from, from_stride, (int32_t)floats, keep,
                            factor);
}
