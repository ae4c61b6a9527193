/* Warping of the canvas to the next frame's: 4 x 4 samples a pixel, once a frame. */
#include "kernels/cuda/elementwise/pixels.cuh"

/* A rectangle of the old canvas: its first row and column, and its width. */
struct source_place {
    int64_t y, x, cols;
};

/* The weighted sum of samples, first over columns and then over rows, as on the host. */
static __device__ __forceinline__ void sum_at(const gd_warp &warp, const float *__restrict__ source,
                                              const source_place &from, double y, double x, float rgb[3])
{
    const gd_warp_taps down = gd_warp_taps_of(y), across = gd_warp_taps_of(x);
    double sum[3] = {0, 0, 0};
    for (int i = 0; i < GD_WARP_TAPS; i++) {
        const float *row = source + (gd_warp_clamp(down.first + i, warp.height) - from.y) * from.cols * 3;
        double part[3] = {0, 0, 0};
        for (int k = 0; k < GD_WARP_TAPS; k++) {
            const float *pixel = row + (gd_warp_clamp(across.first + k, warp.width) - from.x) * 3;
            for (int c = 0; c < 3; c++)
                part[c] += across.weights[k] * (double)pixel[c];
        }
        for (int c = 0; c < 3; c++)
            sum[c] += down.weights[i] * part[c];
    }
    for (int c = 0; c < 3; c++)
        rgb[c] = (float)fmin(fmax(sum[c], -1.0), 1.0);
}

static __global__ void __launch_bounds__(GD_THREADS)
    warp_pixels(gd_warp warp, const float *__restrict__ offsets, const float *__restrict__ source,
                source_place from, float *__restrict__ target, int64_t first_row, int64_t first_col,
                int32_t cols, int64_t target_stride)
{
    __shared__ float pixels[GD_RUN_FLOATS];
    const gd_run run = gd_find_run(cols);
    for (int32_t i = (int32_t)threadIdx.x; i < run.pixels; i += GD_THREADS) {
        const int64_t y = first_row + run.y, x = first_col + run.x + i;
        double row = gd_warp_at(warp.rows, y, x), col = gd_warp_at(warp.cols, y, x);
        if (offsets) {
            const float *offset = offsets + run.y * target_stride + ((int64_t)run.x + i) * 3;
            row += (double)offset[1];
            col += (double)offset[0];
        }
        sum_at(warp, source, from, row, col, pixels + i * 3);
    }
    gd_barrier();
    gd_store_run(target + run.y * target_stride + (int64_t)run.x * 3, pixels, run.pixels * 3);
}

cudaError_t gd_launch_warp(const gd_warp *warp, const float *offsets, const float *source, int64_t source_y,
                           int64_t source_x, int64_t source_cols, float *target, int64_t y, int64_t x,
                           int64_t rows, int64_t cols, int64_t target_stride, cudaStream_t stream)
{
    const source_place from = {source_y, source_x, source_cols};
    const int64_t blocks = gd_run_blocks(rows, cols);
    return GD_LAUNCH_BLOCKS(warp_pixels, blocks, stream, *warp, offsets, source, from, target, y, x,
                            (int32_t)cols, target_stride);
}
