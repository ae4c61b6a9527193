/* Seams on the way forward: parts of a convolution's dense result go to the slices where they are read, with
 * their ReLU and mask; or only a mask is written. */
#include "kernels/cuda/elementwise/seam.cuh"

template <typename T>
static __device__ __forceinline__ void finish(const gd_cuda_seam &seam, const gd_place &at, gd_eight eight,
                                              int32_t *overflow)
{
    if (!gd_finite(eight, 8))
        atomicExch(overflow, 1);
    for (int i = 0; i < 8; i++)
        eight.at[i] = seam.relu && eight.at[i] < 0 ? 0.0F : eight.at[i];
    if (seam.dst.values)
        gd_store<T>(gd_unit<T>(seam.dst, at.y, at.x, at.channel), eight);
    if (seam.mask.bits)
        *gd_mask_byte(seam.mask, at.y, at.x, at.channel) = gd_positive(eight);
}

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS)
    seam(const __grid_constant__ gd_seams seams, int32_t *__restrict__ overflow)
{
    const gd_seam_place at = gd_find_seam(seams);
    const gd_cuda_seam &part = seams.parts[at.part];
    gd_place place[GD_PAIR];
    gd_eight eight[GD_PAIR];
    for (int i = 0; i < GD_PAIR; i++) {
        place[i] = gd_place_of(at, part.dst, i);
        if (place[i].inside)
            eight[i] = gd_load_last<T>(gd_unit<T>(part.src, place[i].y, place[i].x, place[i].channel));
    }
    for (int i = 0; i < GD_PAIR; i++)
        if (place[i].inside)
            finish<T>(part, place[i], eight[i], overflow);
}

template <typename T>
static cudaError_t launch(const gd_cuda_seam *parts, int32_t count, int32_t *overflow, cudaStream_t stream)
{
    gd_seams seams;
    const int64_t blocks = gd_seam_blocks(parts, count, &seams);
    return GD_LAUNCH_BLOCKS(seam<T>, blocks, stream, seams, overflow);
}

cudaError_t gd_launch_seams(gd_cuda_type type, const gd_cuda_seam *parts, int32_t count, int32_t *overflow,
                            cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, parts, count, overflow, stream);
}
