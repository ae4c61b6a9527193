/* Places of the parts of a seam: one launch for all of them. Each thread has eight channels of two pixels of
 * a row, so that two reads are in flight. */
#ifndef GD_KERNELS_CUDA_SEAM_CUH
#define GD_KERNELS_CUDA_SEAM_CUH

#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/value.cuh"

/* The parts, and the blocks that each has. */
struct gd_seams {
    gd_cuda_seam parts[GD_CUDA_SEAMS_MAX];
    uint32_t blocks[GD_CUDA_SEAMS_MAX];
};

/* A thread's place: its row of a part, and the first of its items there. */
struct gd_seam_place {
    int32_t part, y;
    uint32_t item;
};

static __device__ __forceinline__ gd_seam_place gd_find_seam(const gd_seams &seams)
{
    gd_seam_place at = {0, 0, 0};
    uint32_t block = blockIdx.x;
    while (block >= seams.blocks[at.part])
        block -= seams.blocks[at.part++];
    const gd_cuda_slice &dst = seams.parts[at.part].dst;
    const uint32_t blocks = gd_pair_row_blocks((uint32_t)dst.cols * (uint32_t)(dst.channels / 8));
    at.y = (int32_t)(block / blocks);
    at.item = block % blocks * (GD_THREADS * GD_PAIR) + threadIdx.x;
    return at;
}

/* Place i of a thread. */
static __device__ __forceinline__ gd_place gd_place_of(const gd_seam_place &at, const gd_cuda_slice &dst,
                                                       int i)
{
    const uint32_t item = at.item + (uint32_t)i * GD_THREADS;
    return gd_place_at(at.y, item, dst.cols, dst.channels / 8);
}

/* Blocks of all parts, and those of each in `seams`; no launch has so many as INT64_MAX. */
static inline int64_t gd_seam_blocks(const gd_cuda_seam *parts, int32_t count, gd_seams *seams)
{
    int64_t all = 0;
    *seams = gd_seams();
    for (int32_t p = 0; p < count; p++) {
        const int64_t items = (int64_t)parts[p].dst.cols * (parts[p].dst.channels / 8);
        const int64_t blocks = gd_pair_blocks(parts[p].dst.rows, items);
        if (blocks > INT32_MAX)
            return INT64_MAX;
        seams->parts[p] = parts[p];
        seams->blocks[p] = (uint32_t)blocks;
        all += blocks;
    }
    return all;
}

#endif
