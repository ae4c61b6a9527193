/* Updates, measures and resamples the canvas in double. */
#include "kernels/reference/canvas.h"

#include "kernels/host.h"

gd_status gd_reference_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols,
                               int64_t stride, double sums[2], gd_error *error)
{
    (void)error;
    (void)device;
    sums[0] = sums[1] = 0;
    for (int64_t y = 0; y < rows; y++) {
        for (int64_t i = 0; i < cols * 3; i++) {
            const double value = gradient[y * stride + i];
            sums[0] += value;
            sums[1] += value * value;
        }
    }
    return GD_OK;
}

gd_status gd_reference_update(gd_device *device, float *canvas, const float *gradient, int64_t count,
                              float step, gd_error *error)
{
    (void)error;
    (void)device;
    for (int64_t i = 0; i < count; i++) {
        const double value = (double)canvas[i] + (double)step * (double)gradient[i];
        canvas[i] = (float)(value < -1 ? -1 : value > 1 ? 1 : value);
    }
    return GD_OK;
}

/* The weighted sum over the source samples of target row y and column x, one channel. Taps of weight 0 may
 * lie outside of what the caller has. */
static double sample(const gd_resampler *rows, const gd_resampler *cols, const float *source,
                     gd_rect source_at, int64_t y, int64_t x, int64_t channel)
{
    double sum = 0;
    for (int32_t r = 0; r < rows->taps; r++) {
        const double row_weight = rows->weights[y * rows->taps + r];
        const float *row = source + (rows->first[y] + r - source_at.y) * source_at.cols * 3;
        double row_sum = 0;
        for (int32_t c = 0; c < cols->taps && row_weight != 0; c++) {
            const double weight = cols->weights[x * cols->taps + c];
            if (weight != 0)
                row_sum += weight * (double)row[(cols->first[x] + c - source_at.x) * 3 + channel];
        }
        sum += row_weight * row_sum;
    }
    return sum;
}

gd_status gd_reference_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                                const float *source, gd_rect source_at, float *target, gd_rect target_at,
                                int64_t target_stride, gd_error *error)
{
    (void)error;
    (void)device;
    for (int64_t y = 0; y < target_at.rows; y++) {
        for (int64_t i = 0; i < target_at.cols * 3; i++)
            target[y * target_stride + i] =
                (float)sample(rows, cols, source, source_at, target_at.y + y, target_at.x + i / 3, i % 3);
    }
    return GD_OK;
}

gd_status gd_reference_roughness(gd_device *device, const float *source, gd_rect source_at, gd_extent canvas,
                                 float *target, gd_rect target_at, gd_error *error)
{
    (void)device;
    (void)error;
    for (int64_t y = 0; y < target_at.rows; y++)
        gd_host_roughness_row(source, source_at, canvas, target_at.y + y, target_at.x, target_at.cols,
                              target + y * target_at.cols * 3);
    return GD_OK;
}
