/* Local response normalization across channels. */
#include "kernels/cuda/elementwise/lrn.cuh"

#include "kernels/cuda/elementwise/place.cuh"

template <typename T, int HALF> static __global__ void __launch_bounds__(GD_THREADS) lrn(gd_cuda_lrn lrn)
{
    const gd_place at = gd_find_place(lrn.dst.cols, lrn.dst.channels / 8);
    if (!at.inside)
        return;
    float x[8 + 2 * HALF];
    gd_eight result;
    gd_load_beside<T, HALF>(lrn.src, at.y, at.x, at.channel, x);
    GD_UNROLL for (int i = 0; i < 8; i++) result.at[i] =
        x[i + HALF] * gd_lrn_power(gd_lrn_divisor<HALF>(lrn, x + i), lrn.quarters);
    gd_store<T>(gd_unit<T>(lrn.dst, at.y, at.x, at.channel), result);
}

template <typename T, int HALF> static cudaError_t launch_half(const gd_cuda_lrn *pass, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(pass->dst.rows, (int64_t)pass->dst.cols * (pass->dst.channels / 8));
    return GD_LAUNCH_BLOCKS((lrn<T, HALF>), blocks, stream, *pass);
}

template <typename T> static cudaError_t launch(const gd_cuda_lrn *pass, cudaStream_t stream)
{
    return GD_BY_HALF(T, pass->half, launch_half, pass, stream);
}

cudaError_t gd_launch_lrn(gd_cuda_type type, const gd_cuda_lrn *lrn, cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, lrn, stream);
}
