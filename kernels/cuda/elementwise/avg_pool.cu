/* Average pool: the mean over 3x3 pixels, padding excluded. */
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/pool.cuh"

template <typename T>
static __device__ __forceinline__ gd_eight sum_at_edge(const gd_cuda_slice &in, gd_span rows, gd_span cols,
                                                       int32_t channel)
{
    gd_eight sum = gd_all(0);
    for (int32_t y = rows.first; y <= rows.last; y++)
        for (int32_t x = cols.first; x <= cols.last; x++)
            gd_add_share(&sum, gd_load<T>(gd_unit<T>(in, y, x, channel)), 1);
    return sum;
}

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS, GD_BLOCKS)
    avg_pool(gd_cuda_pool pool, bool relu, gd_cuda_mask mask)
{
    const gd_place at = gd_find_place(pool.out.cols, pool.out.channels / 8);
    if (!at.inside)
        return;
    const gd_span rows = gd_window(at.y, 1, pool.pad_rows, pool.in.rows);
    const gd_span cols = gd_window(at.x, 1, pool.pad_cols, pool.in.cols);
    gd_eight mean = gd_length(rows) == 3 && gd_length(cols) == 3
                        ? gd_sum_nine<T>(pool.in, rows.first, cols.first, at.channel, 1)
                        : sum_at_edge<T>(pool.in, rows, cols, at.channel);
    const float weight = 1.0F / (float)(gd_length(rows) * gd_length(cols));
    for (int i = 0; i < 8; i++) {
        mean.at[i] *= weight;
        mean.at[i] = relu && mean.at[i] < 0 ? 0.0F : mean.at[i];
    }
    mean = gd_rounded<T>(mean); /* the mask is that of the rounded value, which can be zero */
    gd_store<T>(gd_unit<T>(pool.out, at.y, at.x, at.channel), mean);
    if (mask.bits)
        *gd_mask_byte(mask, at.y, at.x, at.channel) = gd_positive(mean);
}

template <typename T>
static cudaError_t launch(const gd_cuda_pool *pool, bool relu, gd_cuda_mask mask, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(pool->out.rows, (int64_t)pool->out.cols * (pool->out.channels / 8));
    return GD_LAUNCH_BLOCKS(avg_pool<T>, blocks, stream, *pool, relu, mask);
}

cudaError_t gd_launch_avg_pool(gd_cuda_type type, const gd_cuda_pool *pool, bool relu, gd_cuda_mask mask,
                               cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, pool, relu, mask, stream);
}
