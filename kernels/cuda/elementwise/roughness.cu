/* The gradient of the canvas's total variation. */
#include "kernels/cuda/elementwise/place.cuh"

#include <math.h>

/* A canvas's pixels around a piece of it. */
struct gd_area {
    const float *source; /* dense, from pixel (y, x) of the canvas on */
    int64_t y, x, stride;
    int64_t rows, cols; /* of the canvas */
};

/* The differences of a value to the next one down and across, and their length. */
struct gd_slope {
    float down, across, length;
};

static __device__ __forceinline__ gd_slope slope_at(const gd_area &area, int64_t y, int64_t x, int c)
{
    const float *at = area.source + (y - area.y) * area.stride + (x - area.x) * 3 + c;
    gd_slope s;
    s.down = y + 1 < area.rows ? at[area.stride] - at[0] : 0.0F;
    s.across = x + 1 < area.cols ? at[3] - at[0] : 0.0F;
    s.length = sqrtf(fmaf(s.down, s.down, fmaf(s.across, s.across, 1e-4F)));
    return s;
}

static __global__ void __launch_bounds__(GD_THREADS)
    roughness(gd_area area, int64_t first_row, int64_t first_col, float *__restrict__ target, int32_t cols)
{
    const gd_place at = gd_find_place(cols, 1);
    const int64_t y = first_row + at.y, x = first_col + at.x;
    for (int c = 0; at.inside && c < 3; c++) {
        const gd_slope own = slope_at(area, y, x, c);
        float sum = -(own.down + own.across) / own.length;
        if (y > 0) {
            const gd_slope above = slope_at(area, y - 1, x, c);
            sum += above.down / above.length;
        }
        if (x > 0) {
            const gd_slope before = slope_at(area, y, x - 1, c);
            sum += before.across / before.length;
        }
        target[((int64_t)at.y * cols + at.x) * 3 + c] = sum;
    }
}

cudaError_t gd_launch_roughness(const float *source, int64_t source_y, int64_t source_x, int64_t source_cols,
                                int64_t canvas_rows, int64_t canvas_cols, float *target, int64_t y, int64_t x,
                                int64_t rows, int64_t cols, cudaStream_t stream)
{
    const gd_area area = {source, source_y, source_x, source_cols * 3, canvas_rows, canvas_cols};
    const int64_t blocks = gd_row_blocks(rows, cols);
    return GD_LAUNCH_BLOCKS(roughness, blocks, stream, area, y, x, target, (int32_t)cols);
}
