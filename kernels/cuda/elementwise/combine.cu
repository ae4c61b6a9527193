/* Sets or adds to a gradient in one pass: sums, seeds and masks. */
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"

/* The addend: the slice, or `value` everywhere if there is none. */
struct addend {
    gd_cuda_slice src;
    float value;
    bool dead; /* nobody reads the slice again */
};

template <typename T> static __device__ __forceinline__ gd_eight load(const addend &add, const gd_place &at)
{
    if (!add.src.values)
        return gd_all(add.value);
    const T *from = gd_unit<T>(add.src, at.y, at.x, at.channel);
    return add.dead ? gd_load_last<T>(from) : gd_load<T>(from);
}

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS)
    combine(addend add, gd_cuda_slice dst, gd_epilogue ending)
{
    gd_place at[GD_PAIR];
    gd_eight sum[GD_PAIR];
    gd_before before[GD_PAIR];
    gd_find_pair(dst.cols, dst.channels / 8, at);
    for (int i = 0; i < GD_PAIR; i++)
        if (at[i].inside) {
            sum[i] = load<T>(add, at[i]);
            before[i] = gd_load_before<T>(ending, dst, at[i]);
        }
    for (int i = 0; i < GD_PAIR; i++)
        if (at[i].inside)
            gd_finish_with<T>(before[i], ending, dst, at[i], sum[i]);
}

template <typename T>
static cudaError_t launch(addend add, gd_cuda_slice dst, gd_epilogue ending, cudaStream_t stream)
{
    const int64_t blocks = gd_pair_blocks(dst.rows, (int64_t)dst.cols * (dst.channels / 8));
    return GD_LAUNCH_BLOCKS(combine<T>, blocks, stream, add, dst, ending);
}

/* The slice of the masked channels; the others are not written. */
template <typename T>
static cudaError_t launch_mask(gd_cuda_slice dst, gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                               cudaStream_t stream)
{
    const addend nothing = {};
    if (!mask.bits)
        return cudaSuccess;
    dst.values = (T *)dst.values + mask_at;
    dst.channels = mask_channels;
    return launch<T>(nothing, dst, {true, mask, 0, mask_channels}, stream);
}

cudaError_t gd_launch_combine(gd_cuda_type type, gd_cuda_slice src, bool dead, gd_cuda_slice dst,
                              bool accumulate, gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                              cudaStream_t stream)
{
    if (!src.values)
        return GD_BY_TYPE(type, launch_mask, dst, mask, mask_at, mask_channels, stream);
    const addend add = {src, 0, dead};
    const gd_epilogue ending = {accumulate, mask, mask_at, mask_channels};
    return GD_BY_TYPE(type, launch, add, dst, ending, stream);
}

cudaError_t gd_launch_seed(gd_cuda_type type, float value, gd_cuda_slice dst, bool accumulate,
                           gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels, cudaStream_t stream)
{
    const addend add = {{}, value, false};
    const gd_epilogue ending = {accumulate, mask, mask_at, mask_channels};
    return GD_BY_TYPE(type, launch, add, dst, ending, stream);
}
