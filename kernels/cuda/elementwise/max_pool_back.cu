/* Backward max pool: every pixel gathers the gradients of the windows that it is the winner of. */
#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/pool.cuh"

/* A window's gradient and winners, of eight channels. */
struct shares {
    gd_eight value;
    uint2 winners;
};

/* Those of window (y, x); none if it is not `inside`. */
template <typename T>
static __device__ __forceinline__ shares load_shares(const gd_cuda_pool &pool, int32_t y, int32_t x,
                                                     int32_t channel, bool inside)
{
    const uint8_t *winner = pool.winner + ((int64_t)y * pool.winner_line + x) * pool.winner_pitch + channel;
    shares got = {gd_all(0), {0xffffffffU, 0xffffffffU}};
    if (inside)
        got = {gd_load<T>(gd_unit<T>(pool.out, y, x, channel)), *(const uint2 *)winner};
    return got;
}

/* Adds the channels whose winner has the index `place`. Adding 0 changes nothing: a sum that began with 0 is
 * never -0. */
static __device__ __forceinline__ void add_won(const shares &from, unsigned place, gd_eight *sum)
{
    for (int i = 0; i < 8; i++) {
        const unsigned winner = (i < 4 ? from.winners.x : from.winners.y) >> 8 * (i % 4) & 0xff;
        sum->at[i] += winner == place ? from.value.at[i] : 0.0F;
    }
}

/* At most OVER windows of an axis contain a pixel: 2 with a stride of 2. Those of a row are on their way
 * together. */
template <typename T, int OVER>
static __global__ void __launch_bounds__(GD_THREADS) max_pool_back(gd_cuda_pool pool, gd_epilogue ending)
{
    const gd_place at = gd_find_place(pool.in.cols, pool.in.channels / 8);
    if (!at.inside)
        return;
    const gd_span rows = gd_windows_over(at.y, pool.stride, pool.pad_rows, pool.out.rows);
    const gd_span cols = gd_windows_over(at.x, pool.stride, pool.pad_cols, pool.out.cols);
    gd_eight sum = gd_all(0);
    for (int32_t y = rows.first; y <= rows.last; y++) {
        const int32_t row = at.y + pool.pad_rows - y * pool.stride;
        shares got[OVER];
        for (int k = 0; k < OVER; k++)
            got[k] = load_shares<T>(pool, y, cols.first + k, at.channel, cols.first + k <= cols.last);
        for (int k = 0; k < OVER; k++) {
            const int32_t col = at.x + pool.pad_cols - (cols.first + k) * pool.stride;
            add_won(got[k], (unsigned)(row * 3 + col), &sum);
        }
    }
    gd_finish<T>(ending, pool.in, at, sum);
}

template <typename T>
static cudaError_t launch(const gd_cuda_pool *pool, gd_epilogue ending, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(pool->in.rows, (int64_t)pool->in.cols * (pool->in.channels / 8));
    if (pool->stride == 2)
        return GD_LAUNCH_BLOCKS((max_pool_back<T, 2>), blocks, stream, *pool, ending);
    return GD_LAUNCH_BLOCKS((max_pool_back<T, 3>), blocks, stream, *pool, ending);
}

cudaError_t gd_launch_max_pool_back(gd_cuda_type type, const gd_cuda_pool *pool, bool accumulate,
                                    gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                    cudaStream_t stream)
{
    const gd_epilogue ending = {accumulate, mask, mask_at, mask_channels};
    return GD_BY_TYPE(type, launch, pool, ending, stream);
}
