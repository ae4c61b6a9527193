/* Backward local response normalization. */
#include "kernels/cuda/elementwise/lrn.cuh"
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"

template <typename T, int HALF>
static __global__ void __launch_bounds__(GD_THREADS) lrn_back(gd_cuda_lrn lrn, gd_epilogue ending)
{
    const gd_place at = gd_find_place(lrn.dst.cols, lrn.dst.channels / 8);
    if (!at.inside)
        return;
    float kept[8 + 4 * HALF], others[8 + 2 * HALF];
    gd_load_beside<T, 2 * HALF>(lrn.kept, at.y, at.x, at.channel, kept);
    gd_load_beside<T, HALF>(lrn.src, at.y, at.x, at.channel, others);
    gd_eight sum = gd_all(0);
    GD_UNROLL for (int i = 0; i < 8 + 2 * HALF; i++)
    {
        const float divisor = gd_lrn_divisor<HALF>(lrn, kept + i);
        const float own = others[i] * gd_lrn_power(divisor, lrn.quarters);
        if (i >= HALF && i < 8 + HALF)
            sum.at[i - HALF] = own;
        others[i] = own * kept[i + HALF] / divisor;
    }
    GD_UNROLL for (int i = 0; i < 8; i++)
    {
        float beside = 0;
        GD_UNROLL for (int j = 0; j <= 2 * HALF; j++) beside += others[i + j];
        sum.at[i] -= 0.5F * (float)lrn.quarters * lrn.scale * kept[i + 2 * HALF] * beside;
    }
    gd_finish<T>(ending, lrn.dst, at, sum);
}

template <typename T, int HALF>
static cudaError_t launch_half(const gd_cuda_lrn *pass, gd_epilogue ending, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(pass->dst.rows, (int64_t)pass->dst.cols * (pass->dst.channels / 8));
    return GD_LAUNCH_BLOCKS((lrn_back<T, HALF>), blocks, stream, *pass, ending);
}

template <typename T>
static cudaError_t launch(const gd_cuda_lrn *pass, gd_epilogue ending, cudaStream_t stream)
{
    return GD_BY_HALF(T, pass->half, launch_half, pass, ending, stream);
}

cudaError_t gd_launch_lrn_back(gd_cuda_type type, const gd_cuda_lrn *lrn, bool accumulate, gd_cuda_mask mask,
                               int32_t mask_at, int32_t mask_channels, cudaStream_t stream)
{
    const gd_epilogue ending = {accumulate, mask, mask_at, mask_channels};
    return GD_BY_TYPE(type, launch, lrn, ending, stream);
}
