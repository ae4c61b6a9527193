/* Copies lists of rectangles, to pack and unpack messages and to copy within a device. */
#include "kernels/cuda/elementwise/pixels.cuh"

enum {
    LANES = 32,
    WARPS = GD_THREADS / LANES,
    PIECE = 512, /* floats of a row that a warp copies at a time */
    BATCH = 8    /* unaligned floats that a lane reads at once */
};

/* Copies at most AT_ONCE * LANES units: all of a lane's are on their way before the first one is stored. */
template <int AT_ONCE, typename T>
static __device__ __forceinline__ void copy_units(T *__restrict__ to, const T *__restrict__ from,
                                                  int32_t count, int32_t lane)
{
    T got[AT_ONCE] = {};
    from += lane;
    to += lane;
    for (int k = 0; k < AT_ONCE; k++)
        if (k * LANES < count - lane)
            got[k] = __ldca(from + k * LANES);
    for (int k = 0; k < AT_ONCE; k++)
        if (k * LANES < count - lane)
            __stwb(to + k * LANES, got[k]);
}

/* Copies 16 bytes at a time in the aligned part, if source and target have the same alignment. */
static __device__ __forceinline__ void copy_piece(float *__restrict__ to, const float *__restrict__ from,
                                                  int32_t floats, int32_t lane)
{
    if ((uintptr_t)to % 16 != (uintptr_t)from % 16) {
        for (int32_t i = 0; i < floats; i += BATCH * LANES)
            copy_units<BATCH>(to + i, from + i, floats - i, lane);
        return;
    }
    const int32_t head = gd_head(to, floats), quads = (floats - head) / 4;
    const int32_t tail = head + quads * 4;
    copy_units<1>(to, from, head, lane);
    copy_units<PIECE / 4 / LANES>((float4 *)(to + head), (const float4 *)(from + head), quads, lane);
    copy_units<1>(to + tail, from + tail, floats - tail, lane);
}

/* Each rectangle has `share` blocks, whose warps copy pieces of its rows in turn. */
static __global__ void __launch_bounds__(GD_THREADS, GD_BLOCKS)
    copy_rects(const gd_cuda_rect *__restrict__ rects, uint32_t share)
{
    const gd_cuda_rect rect = rects[blockIdx.x / share];
    const int64_t pieces = (rect.floats + PIECE - 1) / PIECE;
    const int32_t lane = (int32_t)threadIdx.x % LANES, warp = (int32_t)threadIdx.x / LANES;
    for (int64_t i = (int64_t)(blockIdx.x % share) * WARPS + warp; i < rect.rows * pieces;
         i += (int64_t)share * WARPS) {
        const int64_t row = i / pieces, at = i % pieces * PIECE;
        const int32_t floats = rect.floats - at < PIECE ? (int32_t)(rect.floats - at) : (int32_t)PIECE;
        copy_piece(rect.to + row * rect.to_stride + at, rect.from + row * rect.from_stride + at, floats,
                   lane);
    }
}

cudaError_t gd_launch_rects(const gd_cuda_rect *rects, int64_t count, int64_t largest, cudaStream_t stream)
{
    const int64_t most =
        1 << 20; /* blocks, more than any device runs at a time; at least one for each rectangle */
    if (count == 0 || largest == 0)
        return cudaSuccess;
    int64_t share = (largest + PIECE * WARPS - 1) / (PIECE * WARPS);
    if (share > most / count)
        share = most / count > 1 ? most / count : 1;
    return GD_LAUNCH_BLOCKS(copy_rects, count > INT32_MAX ? INT64_MAX : count * share, stream, rects,
                            (uint32_t)share);
}
