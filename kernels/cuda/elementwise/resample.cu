/* Resampling to the next canvas. It runs once for each octave, so that plain sums over rows and columns are
 * fast enough. */
#include "kernels/cuda/elementwise/pixels.cuh"

struct pixel_sum {
    double at[3];
};

/* The weighted sum along a row of the source. Taps of weight 0 may be outside of it. */
static __device__ __forceinline__ pixel_sum sum_across(const float *__restrict__ weights, int32_t taps,
                                                       const float *__restrict__ row)
{
    pixel_sum sum = {{0, 0, 0}};
    for (int32_t k = 0; k < taps; k++) {
        const double weight = weights[k];
        if (weight == 0)
            continue;
        for (int c = 0; c < 3; c++)
            sum.at[c] += weight * (double)row[k * 3 + c];
    }
    return sum;
}

static __device__ __forceinline__ pixel_sum sum_at(const gd_cuda_axis &row_axis, const gd_cuda_axis &col_axis,
                                                   const float *__restrict__ source, int64_t source_cols,
                                                   int32_t y, int32_t x)
{
    const float *row_weights = row_axis.weights + (int64_t)y * row_axis.taps;
    const float *col_weights = col_axis.weights + (int64_t)x * col_axis.taps;
    pixel_sum sum = {{0, 0, 0}};
    for (int32_t k = 0; k < row_axis.taps; k++) {
        const double weight = row_weights[k];
        if (weight == 0)
            continue;
        const int64_t row = (int64_t)row_axis.first[y] + k;
        const pixel_sum across =
            sum_across(col_weights, col_axis.taps, source + (row * source_cols + col_axis.first[x]) * 3);
        for (int c = 0; c < 3; c++)
            sum.at[c] += weight * across.at[c];
    }
    return sum;
}

static __global__ void __launch_bounds__(GD_THREADS)
    resample(gd_cuda_axis row_axis, gd_cuda_axis col_axis, const float *__restrict__ source,
             int64_t source_cols, float *__restrict__ target, int32_t cols, int64_t target_stride)
{
    __shared__ float pixels[GD_RUN_FLOATS];
    const gd_run run = gd_find_run(cols);
    for (int32_t i = (int32_t)threadIdx.x; i < run.pixels; i += GD_THREADS) {
        const pixel_sum sum = sum_at(row_axis, col_axis, source, source_cols, run.y, run.x + i);
        for (int c = 0; c < 3; c++)
            pixels[i * 3 + c] = (float)sum.at[c];
    }
    gd_barrier();
    gd_store_run(target + run.y * target_stride + (int64_t)run.x * 3, pixels, run.pixels * 3);
}

cudaError_t gd_launch_resample(gd_cuda_axis row_axis, gd_cuda_axis col_axis, const float *source,
                               int64_t source_rows, int64_t source_cols, float *target, int64_t rows,
                               int64_t cols, int64_t target_stride, cudaStream_t stream)
{
    (void)source_rows; /* taps with a weight are inside */
    const int64_t blocks = gd_run_blocks(rows, cols);
    return GD_LAUNCH_BLOCKS(resample, blocks, stream, row_axis, col_axis, source, source_cols, target,
                            (int32_t)cols, target_stride);
}
