/* Writes the mask of values above zero. */
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"

template <typename T>
static __global__ void mask_of(gd_cuda_slice src, gd_cuda_mask mask, int32_t *__restrict__ overflow)
{
    const gd_place at = gd_find_place(src.cols, src.channels / 8);
    if (!at.inside)
        return;
    const gd_eight eight = gd_load<T>(gd_unit<T>(src, at.y, at.x, at.channel));
    *gd_mask_byte(mask, at.y, at.x, at.channel) = gd_positive(eight);
    if (!gd_finite(eight, 8))
        atomicExch(overflow, 1);
}

template <typename T>
static cudaError_t launch(gd_cuda_slice src, gd_cuda_mask mask, int32_t *overflow, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(src.rows, (int64_t)src.cols * (src.channels / 8));
    return GD_LAUNCH_BLOCKS(mask_of<T>, blocks, stream, src, mask, overflow);
}

cudaError_t gd_launch_mask_of(gd_cuda_type type, gd_cuda_slice src, gd_cuda_mask mask, int32_t *overflow,
                              cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, src, mask, overflow, stream);
}
