/* Seams on the way back: parts of a gradient are gathered from the slices where it was summed, masked, and
 * written as the dense operands of backward convolutions. */
#include "kernels/cuda/elementwise/seam.cuh"

/* The sum of all summands. */
template <typename T>
static __device__ __forceinline__ gd_eight load(const gd_cuda_seam &seam, const gd_place &at)
{
    gd_eight sum =
        seam.src.values ? gd_load_last<T>(gd_unit<T>(seam.src, at.y, at.x, at.channel)) : gd_all(seam.value);
    for (int m = 0; m < GD_CUDA_SEAM_MORE; m++) {
        gd_cuda_slice src = seam.src;
        src.values = (void *)seam.more[m];
        if (!src.values)
            continue;
        const gd_eight more = gd_load_last<T>(gd_unit<T>(src, at.y, at.x, at.channel));
        for (int i = 0; i < 8; i++)
            sum.at[i] += more.at[i];
    }
    return sum;
}

template <typename T>
static __device__ __forceinline__ void finish(const gd_cuda_seam &seam, const gd_place &at, gd_eight sum)
{
    const unsigned keep = seam.mask.bits ? *gd_mask_byte(seam.mask, at.y, at.x, at.channel) : 0xffU;
    for (int i = 0; i < 8; i++)
        sum.at[i] = keep >> i & 1 ? sum.at[i] : 0.0F;
    gd_store<T>(gd_unit<T>(seam.dst, at.y, at.x, at.channel), sum);
}

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS) seam_back(const __grid_constant__ gd_seams seams)
{
    const gd_seam_place at = gd_find_seam(seams);
    const gd_cuda_seam &part = seams.parts[at.part];
    gd_place place[GD_PAIR];
    gd_eight sum[GD_PAIR];
    for (int i = 0; i < GD_PAIR; i++) {
        place[i] = gd_place_of(at, part.dst, i);
        if (place[i].inside)
            sum[i] = load<T>(part, place[i]);
    }
    for (int i = 0; i < GD_PAIR; i++)
        if (place[i].inside)
            finish<T>(part, place[i], sum[i]);
}

template <typename T> static cudaError_t launch(const gd_cuda_seam *parts, int32_t count, cudaStream_t stream)
{
    gd_seams seams;
    const int64_t blocks = gd_seam_blocks(parts, count, &seams);
    return GD_LAUNCH_BLOCKS(seam_back<T>, blocks, stream, seams);
}

cudaError_t gd_launch_seams_back(gd_cuda_type type, const gd_cuda_seam *parts, int32_t count,
                                 cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, parts, count, stream);
}
