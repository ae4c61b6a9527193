/* Convolution, both ways. */
#include "kernels/reference/reference.h"

/* Results in [0, extent) for which tap `k` falls on a pixel: extent_in > result * stride + k - pad >= 0. */
static void find_span(int32_t k, int32_t pad, int32_t stride, int32_t extent, int32_t extent_in,
                      int32_t *begin, int32_t *end)
{
    int32_t first = 0, last = extent - 1;
    while (first <= last && first * stride + k - pad < 0)
        first++;
    while (last >= first && last * stride + k - pad >= extent_in)
        last--;
    *begin = first;
    *end = last + 1;
}

/* One tap (row, col) between a channel `wide` of the input side and one, `narrow`, of the result's. Forward:
 * narrow += weight * wide; back: wide += weight * narrow. */
static void add_tap(const gd_op *op, int32_t row, int32_t col, double weight, gd_reference_view wide,
                    double *wide_plane, gd_reference_view narrow, double *narrow_plane, bool back)
{
    int32_t y_begin, y_end, x_begin, x_end;
    find_span(row, op->pad_rows, op->stride, narrow.rows, wide.rows, &y_begin, &y_end);
    find_span(col, op->pad_cols, op->stride, narrow.cols, wide.cols, &x_begin, &x_end);
    const int32_t stride = op->stride;
    for (int32_t y = y_begin; y < y_end; y++) {
        double *n = narrow_plane + (size_t)y * (size_t)narrow.cols;
        double *w = wide_plane + (size_t)(y * stride + row - op->pad_rows) * (size_t)wide.cols;
        const int32_t shift = col - op->pad_cols;
        if (back) {
            for (int32_t x = x_begin; x < x_end; x++)
                w[x * stride + shift] += weight * n[x];
        } else {
            for (int32_t x = x_begin; x < x_end; x++)
                n[x] += weight * w[x * stride + shift];
        }
    }
}

static void conv_channel(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                         const gd_filter_values *filter, int32_t out)
{
    const int32_t taps = op->kernel_rows * op->kernel_cols;
    double *result = dst.values + (size_t)out * gd_reference_plane(dst);
    for (size_t i = 0; i < gd_reference_plane(dst); i++)
        result[i] = (op->accumulate ? result[i] : 0) + filter->bias[out];
    for (int32_t in = 0; in < src.channels; in++) {
        const double *kernel =
            filter->kernel + ((size_t)out * (size_t)src.channels + (size_t)in) * (size_t)taps;
        double *plane = src.values + (size_t)in * gd_reference_plane(src);
        for (int32_t t = 0; t < taps; t++)
            add_tap(op, t / op->kernel_cols, t % op->kernel_cols, kernel[t], src, plane, dst, result, false);
    }
}

void gd_reference_conv(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                       const gd_filter_values *filter, int32_t threads)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int32_t out = 0; out < dst.channels; out++)
        conv_channel(op, src, dst, filter, out);
}

static void conv_channel_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                              const gd_filter_values *filter, int32_t in)
{
    const int32_t taps = op->kernel_rows * op->kernel_cols;
    double *result = dst.values + (size_t)in * gd_reference_plane(dst);
    for (size_t i = 0; !op->accumulate && i < gd_reference_plane(dst); i++)
        result[i] = 0;
    for (int32_t out = 0; out < src.channels; out++) {
        const double *kernel =
            filter->kernel + ((size_t)out * (size_t)dst.channels + (size_t)in) * (size_t)taps;
        double *plane = src.values + (size_t)out * gd_reference_plane(src);
        for (int32_t t = 0; t < taps; t++)
            add_tap(op, t / op->kernel_cols, t % op->kernel_cols, kernel[t], dst, result, src, plane, true);
    }
}

void gd_reference_conv_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                            const gd_filter_values *filter, int32_t threads)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int32_t in = 0; in < dst.channels; in++)
        conv_channel_back(op, src, dst, filter, in);
}
