/* Copies lists of rectangles, to pack and unpack messages and to copy within a device. */
#include "kernels/cuda/elementwise/place.cuh"

enum {
    LANES = 32,
    WARPS = GD_THREADS / LANES,
    PIECE = 512
}; /* PIECE: floats of a row that a warp copies at a time */

/* Copies 16 bytes at a time in the aligned part, if source and target have the same alignment. */
static __device__ __forceinline__ void copy_piece(float *__restrict__ to, const float *__restrict__ from,
                                                  int32_t floats, int32_t lane)
{
    const uintptr_t off = (uintptr_t)to % 16;
    int32_t head = floats, quads = 0;
    if (off == (uintptr_t)from % 16) {
        const int32_t unaligned = (int32_t)(16 - off) / 4 % 4;
        head = unaligned < floats ? unaligned : floats;
        quads = (floats - head) / 4;
    }
    for (int32_t i = lane; i < head; i += LANES)
        to[i] = from[i];
    for (int32_t i = lane; i < quads; i += LANES)
        ((float4 *)(to + head))[i] = ((const float4 *)(from + head))[i];
    for (int32_t i = head + quads * 4 + lane; i < floats; i += LANES)
        to[i] = from[i];
}

/* Each rectangle has `share` blocks, whose warps copy pieces of its rows in turn. */
static __global__ void copy_rects(const gd_cuda_rect *__restrict__ rects, uint32_t share)
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
