/* Fills memory with random values, to time convolutions on. */
#include "base/philox.h"
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/value.cuh"

/* 16 bits of a word as a number of (-sqrt(3), sqrt(3)): their deviation is 1. */
static __device__ __forceinline__ float uniform(uint32_t bits)
{
    return ((float)bits - 32767.5F) * (1.7320508F / 32768);
}

/* Eight values each time: those of group g follow from g alone. */
template <typename T>
static __global__ void __launch_bounds__(GD_THREADS)
    random_values(uint64_t seed, T *__restrict__ values, int64_t groups)
{
    const int64_t step = (int64_t)gridDim.x * GD_THREADS;
    for (int64_t group = gd_thread(); group < groups; group += step) {
        const gd_philox_words words =
            gd_philox_draw(seed, GD_RANDOM_TIMING, (uint32_t)group, (uint32_t)(group >> 32), 0);
        gd_eight eight;
        for (int i = 0; i < 8; i++)
            eight.at[i] = uniform(words.at[i / 2] >> 16 * (i % 2) & 0xffff);
        gd_store<T>(values + group * 8, eight);
    }
}

template <typename T>
static cudaError_t launch(uint64_t seed, void *values, int64_t count, cudaStream_t stream)
{
    const int64_t groups = count / 8, most = 1 << 14;
    const int64_t blocks = gd_blocks(groups) < most ? gd_blocks(groups) : most;
    return GD_LAUNCH_BLOCKS(random_values<T>, blocks, stream, seed, (T *)values, groups);
}

cudaError_t gd_launch_random(gd_cuda_type type, uint64_t seed, void *values, int64_t count,
                             cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, seed, values, count, stream);
}
