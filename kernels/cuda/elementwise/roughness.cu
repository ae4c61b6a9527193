/* The gradient of the canvas's total variation. */
#include "kernels/cuda/elementwise/pixels.cuh"

#include <math.h>

/* A block has a run of pixels, and around it the pixels that they depend on. */
enum { INNER = GD_RUN - 2 };

/* A canvas's pixels around a piece of it. */
struct gd_area {
    const float *source; /* dense, from pixel (y, x) of the canvas on */
    int64_t y, x, stride;
    int64_t rows, cols; /* of the canvas */
};

/* The rows above, of and below a run, from the same column on. */
struct gd_lines {
    float above[GD_RUN_FLOATS], own[GD_RUN_FLOATS], below[GD_RUN_FLOATS];
};

static __device__ __forceinline__ void fetch_line(float *line, const gd_area &area, int64_t y, int64_t first,
                                                  int64_t end)
{
    if (y >= 0 && y < area.rows)
        gd_fetch_run(line, area.source + (y - area.y) * area.stride + (first - area.x) * 3,
                     (int32_t)(end - first) * 3);
}

static __device__ __forceinline__ float length_of(float down, float across)
{
    return sqrtf(fmaf(down, down, fmaf(across, across, 1e-4F)));
}

/* A value at index i of its line: the differences to the next ones down and across, over their length, of
 * itself and of those above and before it. */
static __device__ __forceinline__ float sum_at(const gd_lines &lines, int32_t i, bool above, bool below,
                                               bool before, bool after)
{
    const float value = lines.own[i];
    const float down = below ? lines.below[i] - value : 0.0F,
                across = after ? lines.own[i + 3] - value : 0.0F;
    float sum = -(down + across) / length_of(down, across);
    if (above) {
        const float fall = value - lines.above[i], next = after ? lines.above[i + 3] - lines.above[i] : 0.0F;
        sum += fall / length_of(fall, next);
    }
    if (before) {
        const float last = lines.own[i - 3], rise = value - last;
        sum += rise / length_of(below ? lines.below[i - 3] - last : 0.0F, rise);
    }
    return sum;
}

static __global__ void __launch_bounds__(GD_THREADS)
    roughness(gd_area area, int64_t first_row, int64_t first_col, float *__restrict__ target, int32_t cols)
{
    __shared__ gd_lines lines;
    __shared__ float sums[GD_RUN_FLOATS];
    const uint32_t blocks = ((uint32_t)cols + INNER - 1) / INNER;
    const int32_t row = (int32_t)(blockIdx.x / blocks), col = (int32_t)(blockIdx.x % blocks) * INNER;
    const int32_t pixels = cols - col < INNER ? cols - col : (int32_t)INNER;
    const int64_t y = first_row + row, x = first_col + col;
    const int64_t first = x > 0 ? x - 1 : x, end = x + pixels < area.cols ? x + pixels + 1 : x + pixels;
    fetch_line(lines.above, area, y - 1, first, end);
    fetch_line(lines.own, area, y, first, end);
    fetch_line(lines.below, area, y + 1, first, end);
    gd_barrier();
    for (int32_t i = (int32_t)threadIdx.x; i < pixels; i += GD_THREADS)
        for (int c = 0; c < 3; c++)
            sums[i * 3 + c] = sum_at(lines, (int32_t)(x + i - first) * 3 + c, y > 0, y + 1 < area.rows,
                                     x + i > 0, x + i + 1 < area.cols);
    gd_barrier();
    gd_store_run(target + ((int64_t)row * cols + col) * 3, sums, pixels * 3);
}

cudaError_t gd_launch_roughness(const float *source, int64_t source_y, int64_t source_x, int64_t source_cols,
                                int64_t canvas_rows, int64_t canvas_cols, float *target, int64_t y, int64_t x,
                                int64_t rows, int64_t cols, cudaStream_t stream)
{
    const gd_area area = {source, source_y, source_x, source_cols * 3, canvas_rows, canvas_cols};
    const int64_t blocks = cols > INT32_MAX - INNER ? INT64_MAX : rows * ((cols + INNER - 1) / INNER);
    return GD_LAUNCH_BLOCKS(roughness, blocks, stream, area, y, x, target, (int32_t)cols);
}
