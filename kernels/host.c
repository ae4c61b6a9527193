/* Functions shared by the backends that compute in host memory. */
#include "kernels/host.h"

#include <math.h>
#include <stdio.h>

gd_status gd_host_available(gd_error *error)
{
    (void)error;
    return GD_OK;
}

void gd_host_facts(const gd_device *device, gd_device_facts *facts)
{
    (void)device;
    *facts = (gd_device_facts){0};
    snprintf(facts->name, sizeof facts->name, "this host");
}

gd_memory *gd_host_memory(const gd_device *device)
{
    (void)device;
    return gd_memory_host();
}

/* Resampled values may lie a little outside of what a picture shows. */
static double shown(double value)
{
    return value < -1 ? -1 : value > 1 ? 1 : value;
}

gd_status gd_host_blend(gd_device *device, float *dream, const float *input, int64_t pixels, float strength,
                        bool luma, gd_error *error)
{
    (void)device;
    (void)error;
    for (int64_t i = 0; i < 3 * pixels; i += 3) {
        double by[3];
        for (int c = 0; c < 3; c++)
            by[c] = shown(dream[i + c]) - shown(input[i + c]);
        if (luma)
            by[0] = by[1] = by[2] = 0.2126 * by[0] + 0.7152 * by[1] + 0.0722 * by[2];
        for (int c = 0; c < 3; c++) {
            const double from = shown(input[i + c]);
            dream[i + c] = (float)(from + (double)strength * (shown(from + by[c]) - from));
        }
    }
    return GD_OK;
}

gd_status gd_host_mix(gd_device *device, float *to, int64_t to_stride, const float *from, int64_t from_stride,
                      int64_t rows, int64_t floats, float keep, float factor, gd_error *error)
{
    (void)device;
    (void)error;
    for (int64_t y = 0; y < rows; y++, to += to_stride, from += from_stride)
        for (int64_t i = 0; i < floats; i++)
            to[i] = (float)((double)keep * (double)to[i] + (double)factor * (double)from[i]);
    return GD_OK;
}

gd_status gd_host_mask_moments(gd_device *device, const float *gradient, const float *mask, int64_t pixels,
                               double sums[2], gd_error *error)
{
    (void)device;
    (void)error;
    double sum[3] = {0}, square[3] = {0};
    for (int64_t i = 0; i < pixels; i++) {
        const double weight = mask[i];
        for (int c = 0; c < 3 && weight > 0; c++) {
            const double value = gradient[3 * i + c];
            sum[c] += weight * value;
            square[c] += weight * (value * value);
        }
    }
    sums[0] = sum[0] + sum[1] + sum[2];
    sums[1] = square[0] + square[1] + square[2];
    return GD_OK;
}

gd_status gd_host_mask_update(gd_device *device, float *canvas, const float *gradient, const float *mask,
                              int64_t pixels, double step, gd_error *error)
{
    (void)device;
    (void)error;
    for (int64_t i = 0; i < pixels; i++) {
        const double weight = step * (double)mask[i];
        for (int c = 0; c < 3 && mask[i] > 0; c++)
            canvas[3 * i + c] =
                (float)shown((double)canvas[3 * i + c] + weight * (double)gradient[3 * i + c]);
    }
    return GD_OK;
}

gd_status gd_host_mask_keep(gd_device *device, float *canvas, const float *input, const float *mask,
                            int64_t pixels, gd_error *error)
{
    (void)device;
    (void)error;
    for (int64_t i = 0; i < pixels; i++)
        for (int c = 0; c < 3 && !(mask[i] > 0); c++)
            canvas[3 * i + c] = input ? input[3 * i + c] : 0;
    return GD_OK;
}

/* The differences of a value to the next one down and across, and their length; 0 beyond the canvas. */
typedef struct slope {
    double down, across, length;
} slope;

static slope slope_at(const float *at, int64_t stride, bool below, bool after)
{
    slope s = {below ? (double)at[stride] - (double)at[0] : 0, after ? (double)at[3] - (double)at[0] : 0, 0};
    s.length = sqrt(s.down * s.down + s.across * s.across + 1e-4);
    return s;
}

void gd_host_roughness_row(const float *source, gd_rect source_at, gd_extent canvas, int64_t y, int64_t x,
                           int64_t cols, float *target)
{
    const int64_t stride = source_at.cols * 3;
    const float *row = source + (y - source_at.y) * stride + (x - source_at.x) * 3;
    for (int64_t i = 0; i < cols * 3; i++) {
        const float *at = row + i;
        const bool below = y + 1 < canvas.rows, after = x + i / 3 + 1 < canvas.cols;
        const slope own = slope_at(at, stride, below, after);
        double sum = -(own.down + own.across) / own.length;
        if (y > 0) {
            const slope above = slope_at(at - stride, stride, true, after);
            sum += above.down / above.length;
        }
        if (x + i / 3 > 0) {
            const slope before = slope_at(at - 3, stride, below, true);
            sum += before.across / before.length;
        }
        target[i] = (float)sum;
    }
}

/* The weighted sum of 4 x 4 samples, first over columns and then over rows. */
static void sum_at(const gd_warp *warp, const float *source, gd_rect source_at, double y, double x,
                   float rgb[3])
{
    const gd_warp_taps down = gd_warp_taps_of(y), across = gd_warp_taps_of(x);
    double sum[3] = {0};
    for (int i = 0; i < GD_WARP_TAPS; i++) {
        const int64_t line = gd_warp_clamp(down.first + i, warp->height) - source_at.y;
        double part[3] = {0};
        for (int k = 0; k < GD_WARP_TAPS; k++) {
            const int64_t at = gd_warp_clamp(across.first + k, warp->width) - source_at.x;
            for (int c = 0; c < 3; c++)
                part[c] += across.weights[k] * (double)source[(line * source_at.cols + at) * 3 + c];
        }
        for (int c = 0; c < 3; c++)
            sum[c] += down.weights[i] * part[c];
    }
    for (int c = 0; c < 3; c++)
        rgb[c] = (float)shown(sum[c]);
}

gd_status gd_host_warp(gd_device *device, const gd_warp *warp, const float *offsets, const float *source,
                       gd_rect source_at, float *target, gd_rect target_at, int64_t target_stride,
                       gd_error *error)
{
    static const float none[3] = {0};
    (void)device;
    (void)error;
    for (int64_t i = 0; i < gd_rect_area(target_at); i++) {
        const int64_t row = i / target_at.cols, col = i % target_at.cols;
        const int64_t y = target_at.y + row, x = target_at.x + col, at = row * target_stride + 3 * col;
        const float *offset = offsets ? offsets + at : none;
        sum_at(warp, source, source_at, gd_warp_at(warp->rows, y, x) + (double)offset[1],
               gd_warp_at(warp->cols, y, x) + (double)offset[0], target + at);
    }
    return GD_OK;
}

gd_status gd_host_finish(gd_device *device, gd_error *error)
{
    (void)device;
    (void)error;
    return GD_OK;
}
