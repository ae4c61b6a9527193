/* Backward average pool: every pixel gathers its shares of all means over it. */
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/pool.cuh"

template <typename T>
static __device__ __forceinline__ gd_eight sum_at_edge(const gd_cuda_pool &pool, gd_span rows, gd_span cols,
                                                       int32_t channel)
{
    gd_eight sum = gd_all(0);
    for (int32_t y = rows.first; y <= rows.last; y++) {
        const int32_t high = gd_length(gd_window(y + pool.row, 1, 1, pool.whole_rows));
        for (int32_t x = cols.first; x <= cols.last; x++) {
            const float weight =
                1.0F / (float)(high * gd_length(gd_window(x + pool.col, 1, 1, pool.whole_cols)));
            gd_add_share(&sum, gd_load<T>(gd_unit<T>(pool.out, y, x, channel)), weight);
        }
    }
    return sum;
}

/* Whether three windows of an axis, none of which is padded, contain a pixel; they begin at `first`. */
static __device__ __forceinline__ bool inside(gd_span windows, int32_t first, int32_t whole)
{
    return gd_length(windows) == 3 && windows.first + first > 0 && windows.last + first + 1 < whole;
}

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS) avg_pool_back(gd_cuda_pool pool, gd_epilogue ending)
{
    const gd_place at = gd_find_place(pool.in.cols, pool.in.channels / 8);
    if (!at.inside)
        return;
    const gd_span rows = gd_windows_over(at.y, 1, pool.pad_rows, pool.out.rows);
    const gd_span cols = gd_windows_over(at.x, 1, pool.pad_cols, pool.out.cols);
    const gd_eight sum = inside(rows, pool.row, pool.whole_rows) && inside(cols, pool.col, pool.whole_cols)
                             ? gd_sum_nine<T>(pool.out, rows.first, cols.first, at.channel, 1.0F / 9.0F)
                             : sum_at_edge<T>(pool, rows, cols, at.channel);
    gd_finish<T>(ending, pool.in, at, sum);
}

template <typename T>
static cudaError_t launch(const gd_cuda_pool *pool, gd_epilogue ending, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(pool->in.rows, (int64_t)pool->in.cols * (pool->in.channels / 8));
    return GD_LAUNCH_BLOCKS(avg_pool_back<T>, blocks, stream, *pool, ending);
}

cudaError_t gd_launch_avg_pool_back(gd_cuda_type type, const gd_cuda_pool *pool, bool accumulate,
                                    gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                    cudaStream_t stream)
{
    const gd_epilogue ending = {accumulate, mask, mask_at, mask_channels};
    return GD_BY_TYPE(type, launch, pool, ending, stream);
}
