/* Masks of eight channels at a time: one byte, because words are little-endian. */
#ifndef GD_KERNELS_CUDA_MASK_CUH
#define GD_KERNELS_CUDA_MASK_CUH

#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/value.cuh"

static __device__ __forceinline__ uint8_t *gd_mask_byte(const gd_cuda_mask &mask, int32_t y, int32_t x,
                                                        int32_t channel)
{
    return (uint8_t *)(mask.bits + ((int64_t)y * mask.line + x) * mask.pitch) + channel / 8;
}

static __device__ __forceinline__ uint8_t gd_positive(const gd_eight &eight)
{
    unsigned bits = 0;
    for (int i = 0; i < 8; i++)
        bits |= (unsigned)(eight.at[i] > 0) << i;
    return (uint8_t)bits;
}

/* Epilogue of backward operations. */
struct gd_epilogue {
    bool accumulate;
    gd_cuda_mask mask;
    int32_t mask_at, mask_channels;
};

/* What a place of dst holds already, and its mask: all that gd_finish_with reads. */
struct gd_before {
    gd_eight values;
    unsigned keep;
};

template <typename T>
static __device__ __forceinline__ gd_before gd_load_before(const gd_epilogue &ending,
                                                           const gd_cuda_slice &dst, const gd_place &at)
{
    gd_before before = {gd_all(0), 0xff};
    const int32_t in_mask = at.channel - ending.mask_at;
    if (ending.mask.bits && in_mask >= 0 && in_mask < ending.mask_channels)
        before.keep = *gd_mask_byte(ending.mask, at.y, at.x, in_mask);
    if (ending.accumulate)
        before.values = gd_load<T>(gd_unit<T>(dst, at.y, at.x, at.channel));
    return before;
}

/* dst (+)= sum, then 0 where the mask is not set. */
template <typename T>
static __device__ __forceinline__ void gd_finish_with(const gd_before &before, const gd_epilogue &ending,
                                                      const gd_cuda_slice &dst, const gd_place &at,
                                                      gd_eight sum)
{
    for (int i = 0; i < 8; i++) {
        sum.at[i] = ending.accumulate ? before.values.at[i] + sum.at[i] : sum.at[i];
        sum.at[i] = before.keep >> i & 1 ? sum.at[i] : 0.0F;
    }
    gd_store<T>(gd_unit<T>(dst, at.y, at.x, at.channel), sum);
}

template <typename T>
static __device__ __forceinline__ void gd_finish(const gd_epilogue &ending, const gd_cuda_slice &dst,
                                                 const gd_place &at, const gd_eight &sum)
{
    gd_finish_with<T>(gd_load_before<T>(ending, dst, at), ending, dst, at, sum);
}

#endif
