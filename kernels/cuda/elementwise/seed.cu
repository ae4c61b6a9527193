/* Seeds of a gradient that differ from channel to channel, or follow the activations. */
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"

/* Travel with the launch, which takes 4 KiB: no memory of the device is needed. */
enum { FACTORS_MAX = 512 };

struct factors {
    float at[FACTORS_MAX];
};

static __device__ __forceinline__ gd_eight weighted(const factors &factors, const gd_place &at,
                                                    gd_eight value)
{
    for (int i = 0; i < 8; i++)
        value.at[i] *= factors.at[at.channel + i];
    return value;
}

/* A part of the channels of what is matched. */
struct matched {
    const float *guide;
    const int32_t *chosen;
    int32_t pitch;
};

/* What a place is seeded with. */
template <typename T>
static __device__ __forceinline__ gd_eight seed_at(const gd_cuda_slice &src, int32_t, const gd_place &at)
{
    return src.values ? gd_load<T>(gd_unit<T>(src, at.y, at.x, at.channel)) : gd_all(1);
}

template <typename T>
static __device__ __forceinline__ gd_eight seed_at(const matched &from, int32_t cols, const gd_place &at)
{
    const int64_t unit = from.chosen[(int64_t)at.y * cols + at.x];
    return gd_load<float>(from.guide + unit * from.pitch + at.channel);
}

/* From the activations or from what they match. */
template <typename T, typename From>
static __global__ void __launch_bounds__(GD_THREADS)
    seed(const __grid_constant__ factors factors, From from, gd_cuda_slice dst, gd_epilogue ending)
{
    gd_place at[GD_PAIR];
    gd_eight sum[GD_PAIR];
    gd_before before[GD_PAIR];
    gd_find_pair(dst.cols, dst.channels / 8, at);
    for (int k = 0; k < GD_PAIR; k++)
        if (at[k].inside) {
            sum[k] = seed_at<T>(from, dst.cols, at[k]);
            before[k] = gd_load_before<T>(ending, dst, at[k]);
        }
    for (int k = 0; k < GD_PAIR; k++)
        if (at[k].inside)
            gd_finish_with<T>(before[k], ending, dst, at[k], weighted(factors, at[k], sum[k]));
}

/* At most FACTORS_MAX channels. */
template <typename T, typename From>
static cudaError_t launch_part(const float *values, From from, gd_cuda_slice dst, gd_epilogue ending,
                               cudaStream_t stream)
{
    const int64_t blocks = gd_pair_blocks(dst.rows, (int64_t)dst.cols * (dst.channels / 8));
    factors factors = {};
    for (int32_t c = 0; c < dst.channels; c++)
        factors.at[c] = values[c];
    return GD_LAUNCH_BLOCKS((seed<T, From>), blocks, stream, factors, from, dst, ending);
}

template <typename T>
static cudaError_t launch(const float *values, gd_cuda_slice src, const gd_cuda_matched *matching,
                          gd_cuda_slice dst, gd_epilogue ending, cudaStream_t stream)
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
        if (matching) {
            const matched found = {matching->guide + first, matching->chosen, dst.channels};
            error = launch_part<T>(values + first, found, to, part, stream);
        } else {
            error = launch_part<T>(values + first, from, to, part, stream);
        }
    }
    return error;
}

cudaError_t gd_launch_seed_each(gd_cuda_type type, const float *values, gd_cuda_slice src,
                                const gd_cuda_matched *matched, gd_cuda_slice dst, bool accumulate,
                                gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                cudaStream_t stream)
{
    const gd_epilogue ending = {accumulate, mask, mask_at, mask_channels};
    return GD_BY_TYPE(type, launch, values, src, matched, dst, ending, stream);
}
