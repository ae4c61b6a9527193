/* Max pool over 3x3 pixels, and the index of each winner. */
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/pool.cuh"
#include "kernels/cuda/elementwise/value.cuh"

enum { NO_WINNER = 9 };

/* Stores the indices of eight winners, one byte each, at an address aligned to 8. */
static __device__ __forceinline__ void store_places(uint8_t *to, const int place[8])
{
    uint2 words = {0, 0};
    for (int i = 0; i < 4; i++) {
        words.x |= (unsigned)place[i] << 8 * i;
        words.y |= (unsigned)place[i + 4] << 8 * i;
    }
    *(uint2 *)to = words;
}

template <typename T> static __global__ void max_pool(gd_cuda_pool pool)
{
    const gd_place at = gd_find_place(pool.out.cols, pool.out.channels / 8);
    if (!at.inside)
        return;
    const gd_span rows = gd_window(at.y, pool.stride, pool.pad_rows, pool.in.rows);
    const gd_span cols = gd_window(at.x, pool.stride, pool.pad_cols, pool.in.cols);
    const int32_t top = at.y * pool.stride - pool.pad_rows, left = at.x * pool.stride - pool.pad_cols;
    const int first = (rows.first - top) * 3 + cols.first - left;
    gd_eight best = gd_load<T>(gd_unit<T>(pool.in, rows.first, cols.first, at.channel));
    int place[8];
    bool finite = true;
    for (int i = 0; i < 8; i++)
        place[i] = first;
    for (int32_t y = rows.first; y <= rows.last; y++) {
        for (int32_t x = cols.first; x <= cols.last; x++) {
            const gd_eight value = gd_load<T>(gd_unit<T>(pool.in, y, x, at.channel));
            finite = finite && gd_finite(value, 8);
            for (int i = 0; i < 8; i++) {
                const bool wins = value.at[i] > best.at[i];
                best.at[i] = wins ? value.at[i] : best.at[i];
                place[i] = wins ? (y - top) * 3 + x - left : place[i];
            }
        }
    }
    for (int i = 0; i < 8; i++)
        place[i] = pool.overflow && !(best.at[i] > 0) ? NO_WINNER : place[i];
    if (pool.overflow && !finite)
        atomicExch(pool.overflow, 1);
    gd_store<T>(gd_unit<T>(pool.out, at.y, at.x, at.channel), best);
    store_places(pool.winner + ((int64_t)at.y * pool.winner_line + at.x) * pool.winner_pitch + at.channel,
                 place);
}

template <typename T> static cudaError_t launch(const gd_cuda_pool *pool, cudaStream_t stream)
{
    const int64_t blocks = gd_row_blocks(pool->out.rows, (int64_t)pool->out.cols * (pool->out.channels / 8));
    return GD_LAUNCH_BLOCKS(max_pool<T>, blocks, stream, *pool);
}

cudaError_t gd_launch_max_pool(gd_cuda_type type, const gd_cuda_pool *pool, cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, pool, stream);
}
