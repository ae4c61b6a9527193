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
    __stcs((uint2 *)to, words); /* read by the way back, long after */
}

/* The best so far of eight channels, and its index in the window. */
struct winner {
    gd_eight best;
    int place[8];
    bool finite; /* all that it was compared with */
};

static __device__ __forceinline__ void challenge(winner *holder, const gd_eight &value, int place)
{
    holder->finite = holder->finite && gd_finite(value, 8);
    for (int i = 0; i < 8; i++) {
        const bool wins = value.at[i] > holder->best.at[i];
        holder->best.at[i] = wins ? value.at[i] : holder->best.at[i];
        holder->place[i] = wins ? place : holder->place[i];
    }
}

/* Of a window without padding: a row at a time is on its way. */
template <typename T>
static __device__ __forceinline__ winner find_inside(const T *__restrict__ corner, int64_t row, int32_t pixel)
{
    winner holder = {gd_load<T>(corner), {0, 0, 0, 0, 0, 0, 0, 0}, true};
    for (int y = 0; y < 3; y++) {
        gd_eight value[3];
        for (int x = 0; x < 3; x++)
            value[x] = gd_load<T>(corner + y * row + x * pixel);
        for (int x = 0; x < 3; x++)
            challenge(&holder, value[x], y * 3 + x);
    }
    return holder;
}

/* Of any window, which begins at (top, left). */
template <typename T>
static __device__ __forceinline__ winner find_at_edge(const gd_cuda_slice &in, gd_span rows, gd_span cols,
                                                      int32_t top, int32_t left, int32_t channel)
{
    const int first = (rows.first - top) * 3 + cols.first - left;
    winner holder = {gd_load<T>(gd_unit<T>(in, rows.first, cols.first, channel)), {}, true};
    for (int i = 0; i < 8; i++)
        holder.place[i] = first;
    for (int32_t y = rows.first; y <= rows.last; y++)
        for (int32_t x = cols.first; x <= cols.last; x++)
            challenge(&holder, gd_load<T>(gd_unit<T>(in, y, x, channel)), (y - top) * 3 + x - left);
    return holder;
}

/* Of the result of a ReLU: a maximum that is not above zero has no winner. */
static __device__ __forceinline__ void judge(winner *holder, int32_t *overflow)
{
    for (int i = 0; i < 8; i++)
        holder->place[i] = holder->best.at[i] > 0 ? holder->place[i] : NO_WINNER;
    if (!holder->finite)
        atomicExch(overflow, 1);
}

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS, GD_BLOCKS) max_pool(gd_cuda_pool pool)
{
    const gd_place at = gd_find_place(pool.out.cols, pool.out.channels / 8);
    if (!at.inside)
        return;
    const gd_span rows = gd_window(at.y, pool.stride, pool.pad_rows, pool.in.rows);
    const gd_span cols = gd_window(at.x, pool.stride, pool.pad_cols, pool.in.cols);
    const int32_t top = at.y * pool.stride - pool.pad_rows, left = at.x * pool.stride - pool.pad_cols;
    winner holder = gd_length(rows) == 3 && gd_length(cols) == 3
                        ? find_inside<T>(gd_unit<T>(pool.in, top, left, at.channel),
                                         (int64_t)pool.in.line * pool.in.pitch, pool.in.pitch)
                        : find_at_edge<T>(pool.in, rows, cols, top, left, at.channel);
    if (pool.overflow)
        judge(&holder, pool.overflow);
    gd_store<T>(gd_unit<T>(pool.out, at.y, at.x, at.channel), holder.best);
    store_places(pool.winner + ((int64_t)at.y * pool.winner_line + at.x) * pool.winner_pitch + at.channel,
                 holder.place);
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
