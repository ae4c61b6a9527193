/* Backward max pool: every pixel gathers the gradients of the windows that it is the winner of. */
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/pool.cuh"

/* Adds the channels of output `from` whose winner has the index `place`. */
template <typename T>
static __device__ __forceinline__ void add_won(const gd_cuda_pool &pool, int32_t y, int32_t x,
                                               int32_t channel, unsigned place, gd_eight *sum)
{
    const uint2 winners =
        *(const uint2 *)(pool.winner + ((int64_t)y * pool.winner_line + x) * pool.winner_pitch + channel);
    const gd_eight value = gd_load<T>(gd_unit<T>(pool.out, y, x, channel));
    for (int i = 0; i < 8; i++) {
        const unsigned winner = (i < 4 ? winners.x : winners.y) >> 8 * (i % 4) & 0xff;
        sum->at[i] += winner == place ? value.at[i] : 0.0F;
    }
}

template <typename T> static __global__ void max_pool_back(gd_cuda_pool pool, gd_epilogue ending)
{
    const gd_place at = gd_find_place(pool.in.cols, pool.in.channels / 8);
    if (!at.inside)
        return;
    const gd_span rows = gd_windows_over(at.y, pool.stride, pool.pad_rows, pool.out.rows);
    const gd_span cols = gd_windows_over(at.x, pool.stride, pool.pad_cols, pool.out.cols);
    gd_eight sum = gd_all(0);
    for (int32_t y = rows.first; y <= rows.last; y++) {
        for (int32_t x = cols.first; x <= cols.last; x++) {
            const int32_t row = at.y + pool.pad_rows - y * pool.stride;
            const int32_t col = at.x + pool.pad_cols - x * pool.stride;
            add_won<T>(pool, y, x, at.channel, (unsigned)(row * 3 + col), &sum);
        }
    }
    gd_finish<T>(ending, pool.in, at, sum);
}

template <typename T>
static cudaError_t launch(const gd_cuda_pool *pool, gd_epilogue ending, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(pool->in.rows, (int64_t)pool->in.cols * (pool->in.channels / 8));
    return GD_LAUNCH_BLOCKS(max_pool_back<T>, blocks, stream, *pool, ending);
}

cudaError_t gd_launch_max_pool_back(gd_cuda_type type, const gd_cuda_pool *pool, bool accumulate,
                                    gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                    cudaStream_t stream)
{
    const gd_epilogue ending = {accumulate, mask, mask_at, mask_channels};
    return GD_BY_TYPE(type, launch, pool, ending, stream);
}
