/* Kernels that the tests of the stand-in launch: right ones, and wrong ones. */
#include "kernels/cuda/elementwise/kernel.cuh"

#include "standin/test_kernels.h"

static __global__ void add(float *to, const float *from, float value, int count)
{
    const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < count)
        to[i] = from[i] + value;
}

cudaError_t test_add(float *to, const float *from, float value, int count, cudaStream_t stream)
{
    return GD_LAUNCH(add, (count + 127) / 128, 128, stream, to, from, value, count);
}

/* Sums 256 values a block: a tree through shared memory down to a warp, then by shuffles. */
static __global__ void sum(double *sums, const float *values, bool barriers)
{
    __shared__ double partial[256];
    const unsigned t = threadIdx.x;
    partial[t] = values[blockIdx.x * 256 + t];
    for (unsigned reach = 128; reach >= 32; reach /= 2) {
        if (barriers)
            gd_barrier();
        if (t < reach)
            partial[t] += partial[t + reach];
    }
    if (t >= 32)
        return;
    double mine = partial[t];
    for (unsigned reach = 16; reach > 0; reach /= 2)
        mine += gd_shuffle_down(mine, reach);
    if (t == 0)
        sums[blockIdx.x] = mine;
}

cudaError_t test_sum(double *sums, const float *values, int blocks, bool barriers, cudaStream_t stream)
{
    return GD_LAUNCH(sum, blocks, 256, stream, sums, values, barriers);
}

static __global__ void same_place(int *place, bool atomic)
{
    if (atomic)
        atomicOr(place, 1);
    else
        *place = 1;
}

cudaError_t test_same_place(int *place, bool atomic, cudaStream_t stream)
{
    return GD_LAUNCH(same_place, 2, 32, stream, place, atomic);
}

static __global__ void neighbours(uint8_t *bytes)
{
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    bytes[i] = (uint8_t)i;
}

cudaError_t test_neighbours(uint8_t *bytes, int blocks, cudaStream_t stream)
{
    return GD_LAUNCH(neighbours, blocks, 64, stream, bytes);
}

static __global__ void partial_barrier(int *place)
{
    if (threadIdx.x < 10)
        gd_barrier();
    if (threadIdx.x == 0)
        *place = 1;
}

cudaError_t test_partial_barrier(int *place, cudaStream_t stream)
{
    return GD_LAUNCH(partial_barrier, 1, 32, stream, place);
}

static __global__ void partial_shuffle(double *place)
{
    if (threadIdx.x < 10)
        *place = gd_shuffle_down(1, 1);
}

cudaError_t test_partial_shuffle(double *place, cudaStream_t stream)
{
    return GD_LAUNCH(partial_shuffle, 1, 32, stream, place);
}

static __global__ void vectors(float4 *to, const float4 *from)
{
    to[threadIdx.x] = from[threadIdx.x];
}

cudaError_t test_vectors(float *to, const float *from, cudaStream_t stream)
{
    return GD_LAUNCH(vectors, 1, 8, stream, (float4 *)to, (const float4 *)from);
}

static __global__ void unwritten_shared(double *to)
{
    __shared__ double values[32];
    if (threadIdx.x > 0)
        values[threadIdx.x] = 1;
    gd_barrier();
    to[threadIdx.x] = values[threadIdx.x];
}

cudaError_t test_unwritten_shared(double *to, cudaStream_t stream)
{
    return GD_LAUNCH(unwritten_shared, 1, 32, stream, to);
}

cudaError_t test_grid(unsigned y, unsigned threads, float *to, cudaStream_t stream)
{
    return GD_LAUNCH(add, dim3(1, y, 1), threads, stream, to, to, 0.0f, 0);
}
