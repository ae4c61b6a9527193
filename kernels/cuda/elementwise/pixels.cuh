/* Runs of pixels in a row, for threads that have whole pixels where memory has three floats each: through
 * shared memory, so that what is read and written there is 16 bytes a thread, without gaps. */
#ifndef GD_KERNELS_CUDA_PIXELS_CUH
#define GD_KERNELS_CUDA_PIXELS_CUH

#include "kernels/cuda/elementwise/place.cuh"

/* A block's pixels, GD_EACH for each thread; those of a thread are GD_THREADS apart. */
enum { GD_EACH = 2, GD_RUN = GD_EACH * GD_THREADS, GD_RUN_FLOATS = GD_RUN * 3 };

struct gd_run {
    int32_t y, x; /* of the first pixel */
    int32_t pixels;
};

/* Number of blocks for `rows` rows of `cols` pixels, for gd_find_run. */
static inline int64_t gd_run_blocks(int64_t rows, int64_t cols)
{
    return cols > INT32_MAX - GD_RUN ? INT64_MAX : rows * ((cols + GD_RUN - 1) / GD_RUN);
}

static __device__ __forceinline__ gd_run gd_find_run(int32_t cols)
{
    const uint32_t blocks = ((uint32_t)cols + GD_RUN - 1) / GD_RUN;
    gd_run run;
    run.y = (int32_t)(blockIdx.x / blocks);
    run.x = (int32_t)(blockIdx.x % blocks) * GD_RUN;
    run.pixels = cols - run.x < GD_RUN ? cols - run.x : (int32_t)GD_RUN;
    return run;
}

/* Floats before the first one that is aligned to 16 bytes. */
static __device__ __forceinline__ int32_t gd_head(const float *values, int32_t count)
{
    const int32_t head = (int32_t)(16 - (uintptr_t)values % 16) / 4 % 4;
    return head < count ? head : count;
}

/* Copies `count` floats, at most GD_RUN_FLOATS, to shared memory. All threads of the block call it. */
static __device__ __forceinline__ void gd_fetch_run(float *shared, const float *__restrict__ from,
                                                    int32_t count)
{
    const int32_t head = gd_head(from, count), quads = (count - head) / 4, thread = (int32_t)threadIdx.x;
    const float4 *quad = (const float4 *)(from + head);
    float4 got[GD_EACH] = {};
    for (int k = 0; k < GD_EACH; k++)
        if (thread + k * GD_THREADS < quads)
            got[k] = __ldcs(quad + thread + k * GD_THREADS);
    if (thread < head)
        shared[thread] = from[thread];
    if (head + quads * 4 + thread < count)
        shared[head + quads * 4 + thread] = from[head + quads * 4 + thread];
    for (int k = 0; k < GD_EACH; k++) {
        float *to = shared + head + (thread + k * GD_THREADS) * 4;
        if (thread + k * GD_THREADS >= quads)
            continue;
        to[0] = got[k].x;
        to[1] = got[k].y;
        to[2] = got[k].z;
        to[3] = got[k].w;
    }
}

/* Copies `count` floats, at most GD_RUN_FLOATS, from shared memory. All threads of the block call it. */
static __device__ __forceinline__ void gd_store_run(float *__restrict__ to, const float *shared,
                                                    int32_t count)
{
    const int32_t head = gd_head(to, count), quads = (count - head) / 4, thread = (int32_t)threadIdx.x;
    for (int32_t i = thread; i < quads; i += GD_THREADS) {
        const float *from = shared + head + i * 4;
        __stwb((float4 *)(to + head) + i, make_float4(from[0], from[1], from[2], from[3]));
    }
    if (thread < head)
        to[thread] = shared[thread];
    if (head + quads * 4 + thread < count)
        to[head + quads * 4 + thread] = shared[head + quads * 4 + thread];
}

#endif
