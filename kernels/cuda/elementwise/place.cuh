/* Assignment of work to threads: eight channels of a pixel, or one pixel, for each thread; a block never
 * crosses a row. */
#ifndef GD_KERNELS_CUDA_PLACE_CUH
#define GD_KERNELS_CUDA_PLACE_CUH

#include "kernels/cuda/elementwise/kernel.cuh"

/* GD_BLOCKS: that a multiprocessor holds at a time, at least: at most 64 registers a thread. */
enum { GD_THREADS = 256, GD_BLOCKS = 4 };

/* A one-dimensional grid, because the other dimensions are limited to 65535. No launch without work; an error
 * if there are too many blocks. */
#define GD_LAUNCH_BLOCKS(kernel, blocks, stream, ...)                                                        \
    ((blocks) == 0          ? cudaSuccess                                                                    \
     : (blocks) > INT32_MAX ? cudaErrorInvalidConfiguration                                                  \
                            : GD_LAUNCH(kernel, (unsigned)(blocks), GD_THREADS, stream, __VA_ARGS__))

/* Number of blocks for `items` threads. */
static inline int64_t gd_blocks(int64_t items)
{
    return (items + GD_THREADS - 1) / GD_THREADS;
}

/* Number of blocks for `rows` rows of `items` threads, for gd_find_place. Rows of 2^31 items do not fit a
 * grid. */
static inline int64_t gd_row_blocks(int64_t rows, int64_t items)
{
    return items > INT32_MAX ? INT64_MAX : rows * gd_blocks(items);
}

/* The thread's index in the grid. */
static __device__ __forceinline__ int64_t gd_thread(void)
{
    return (int64_t)blockIdx.x * GD_THREADS + threadIdx.x;
}

struct gd_place {
    bool inside; /* inside of the tensor; else the thread has no work */
    int32_t y, x;
    int32_t channel; /* the first of eight */
};

/* Place `item` of row y, in a tensor with `groups` groups of eight channels; neighbours are groups. */
static __device__ __forceinline__ gd_place gd_place_at(int32_t y, uint32_t item, int32_t cols, int32_t groups)
{
    gd_place at;
    at.inside = item < (uint32_t)cols * (uint32_t)groups;
    at.y = y;
    at.x = (int32_t)(item / (uint32_t)groups);
    at.channel = (int32_t)(item % (uint32_t)groups) * 8;
    return at;
}

/* The thread's place. The row follows from the block, so that divisions need 32 bits only. */
static __device__ __forceinline__ gd_place gd_find_place(int32_t cols, int32_t groups)
{
    const uint32_t items = (uint32_t)cols * (uint32_t)groups;
    const uint32_t blocks = items / GD_THREADS + (items % GD_THREADS != 0);
    return gd_place_at((int32_t)(blockIdx.x / blocks), blockIdx.x % blocks * GD_THREADS + threadIdx.x, cols,
                       groups);
}

/* The same for threads with GD_PAIR places of a row, GD_THREADS apart: their accesses are on their way
 * together. */
enum { GD_PAIR = 2 };

/* Blocks for a row of `items` places. */
static __device__ __host__ inline uint32_t gd_pair_row_blocks(uint32_t items)
{
    return items / (GD_THREADS * GD_PAIR) + (items % (GD_THREADS * GD_PAIR) != 0);
}

static inline int64_t gd_pair_blocks(int64_t rows, int64_t items)
{
    return items > INT32_MAX ? INT64_MAX : rows * (int64_t)gd_pair_row_blocks((uint32_t)items);
}

static __device__ __forceinline__ void gd_find_pair(int32_t cols, int32_t groups, gd_place at[GD_PAIR])
{
    const uint32_t blocks = gd_pair_row_blocks((uint32_t)cols * (uint32_t)groups);
    const uint32_t first = blockIdx.x % blocks * (GD_THREADS * GD_PAIR) + threadIdx.x;
    for (int i = 0; i < GD_PAIR; i++)
        at[i] = gd_place_at((int32_t)(blockIdx.x / blocks), first + (uint32_t)i * GD_THREADS, cols, groups);
}

#endif
