/* Seeds of a gradient that differ from channel to channel, or follow the activations. */
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"

/* Travel with the launch, which takes 4 KiB: no memory of the device is needed. */
enum { FACTORS_MAX = 512 };

struct factors {
    float at[FACTORS_MAX];
};

template <typename T>
static __global__ void seed(factors factors, gd_cuda_slice src, gd_cuda_slice dst, gd_epilogue ending)
{
    const gd_place at = gd_find_place(dst.cols, dst.channels / 8);
    if (!at.inside)
        return;
    gd_eight sum = src.values ? gd_load<T>(gd_unit<T>(src, at.y, at.x, at.channel)) : gd_all(1);
    for (int i = 0; i < 8; i++)
        sum.at[i] *= factors.at[at.channel + i];
    gd_finish<T>(ending, dst, at, sum);
}

/* At most FACTORS_MAX channels. */
template <typename T>
static cudaError_t launch_part(const float *values, gd_cuda_slice src, gd_cuda_slice dst, gd_epilogue ending,
                               cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(dst.rows, (int64_t)dst.cols * (dst.channels / 8));
    factors factors = {};
    for (int32_t c = 0; c < dst.channels; c++)
        factors.at[c] = values[c];
    return GD_LAUNCH_BLOCKS(seed<T>, blocks, stream, factors, src, dst, ending);
}

template <typename T>
static cudaError_t launch(const float *values, gd_cuda_slice src, gd_cuda_slice dst, gd_epilogue ending,
                          cudaStream_t stream)
{
    cudaError_t error = cudaSuccess;
    for (int32_t first = 0; first < dst.channels && error == cudaSuccess; first += FACTORS_MAX) {
        gd_cuda_slice from = src, to = dst;
        gd_epilogue part = ending;
        if (src.values)
            from.values = (T *)src.values + first;
        to.values = (T *)dst.values + first;
        to.channels = dst.channels - first < FACTORS_MAX ? dst.channels - first : FACTORS_MAX;
        part.mask_at -= first;
        error = launch_part<T>(values + first, from, to, part, stream);
    }
    return error;
}

cudaError_t gd_launch_seed_each(gd_cuda_type type, const float *values, gd_cuda_slice src, gd_cuda_slice dst,
                                bool accumulate, gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                cudaStream_t stream)
{
    const gd_epilogue ending = {accumulate, mask, mask_at, mask_channels};
    return GD_BY_TYPE(type, launch, values, src, dst, ending, stream);
}
