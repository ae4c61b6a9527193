/* Forward and backward pools by plain loops. */
#include "kernels/reference/pool.h"

#include "base/minmax.h"
#include "base/rect.h"
#include "kernels/reference/pointwise.h"

static double *channel_of(gd_reference_view view, int32_t channel)
{
    return view.values + (size_t)channel * gd_reference_plane(view);
}

static size_t unit(gd_reference_view view, int32_t y, int32_t x)
{
    return (size_t)y * (size_t)view.cols + (size_t)x;
}

/* Index, row-major, of the first maximum of the 3x3 pixels with the top left corner (y, x). */
static uint8_t find_winner(gd_reference_view src, const double *plane, int32_t y, int32_t x)
{
    uint8_t winner = 0;
    double best = plane[unit(src, y, x)];
    for (uint8_t p = 1; p < 9; p++) {
        const double value = plane[unit(src, y + p / 3, x + p % 3)];
        if (value > best) {
            best = value;
            winner = p;
        }
    }
    return winner;
}

/* Number of threads: one for little work. */
static int32_t team(gd_reference_view view, int32_t threads)
{
    return gd_reference_units(view) < 100000 ? 1 : threads;
}

void gd_reference_max_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst, uint8_t *winners,
                           int32_t threads)
{
#pragma omp parallel for schedule(static) num_threads(team(src, threads))
    for (int32_t c = 0; c < dst.channels; c++) {
        const double *from = channel_of(src, c);
        for (int32_t y = 0; y < dst.rows; y++) {
            for (int32_t x = 0; x < dst.cols; x++) {
                const uint8_t p = find_winner(src, from, y * op->stride, x * op->stride);
                winners[(size_t)c * gd_reference_plane(dst) + unit(dst, y, x)] = p;
                channel_of(dst, c)[unit(dst, y, x)] =
                    from[unit(src, y * op->stride + p / 3, x * op->stride + p % 3)];
            }
        }
    }
}

void gd_reference_max_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                const uint8_t *winners, int32_t threads)
{
    if (!op->accumulate)
        gd_reference_clear(dst);
#pragma omp parallel for schedule(static) num_threads(team(src, threads))
    for (int32_t c = 0; c < src.channels; c++) {
        for (int32_t y = 0; y < src.rows; y++) {
            for (int32_t x = 0; x < src.cols; x++) {
                const uint8_t p = winners[(size_t)c * gd_reference_plane(src) + unit(src, y, x)];
                channel_of(dst, c)[unit(dst, y * op->stride + p / 3, x * op->stride + p % 3)] +=
                    channel_of(src, c)[unit(src, y, x)];
            }
        }
    }
}

/* The 3x3 pixels around (y, x) without those outside of the view. */
static gd_rect neighbours(gd_reference_view view, int32_t y, int32_t x)
{
    const int32_t top = gd_max_i32(y - 1, 0), left = gd_max_i32(x - 1, 0);
    return (gd_rect){top, left, gd_min_i32(y + 2, view.rows) - top, gd_min_i32(x + 2, view.cols) - left};
}

static double mean(gd_reference_view src, const double *plane, gd_rect r)
{
    double sum = 0;
    for (int64_t y = r.y; y < r.y + r.rows; y++) {
        for (int64_t x = r.x; x < r.x + r.cols; x++)
            sum += plane[unit(src, (int32_t)y, (int32_t)x)];
    }
    return sum / (double)gd_rect_area(r);
}

void gd_reference_avg_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst, int32_t threads)
{
    (void)op; /* 3x3, stride 1, same */
#pragma omp parallel for schedule(static) num_threads(team(src, threads))
    for (int32_t c = 0; c < dst.channels; c++) {
        for (int32_t y = 0; y < dst.rows; y++) {
            for (int32_t x = 0; x < dst.cols; x++)
                channel_of(dst, c)[unit(dst, y, x)] = mean(src, channel_of(src, c), neighbours(src, y, x));
        }
    }
}

/* Gradient of one input: the sum of its shares of all means over it. `r`: the outputs that averaged it. */
static double shares(gd_reference_view src, const double *plane, gd_rect r)
{
    double sum = 0;
    for (int64_t y = r.y; y < r.y + r.rows; y++) {
        for (int64_t x = r.x; x < r.x + r.cols; x++)
            sum += plane[unit(src, (int32_t)y, (int32_t)x)] /
                   (double)gd_rect_area(neighbours(src, (int32_t)y, (int32_t)x));
    }
    return sum;
}

void gd_reference_avg_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                int32_t threads)
{
#pragma omp parallel for schedule(static) num_threads(team(src, threads))
    for (int32_t c = 0; c < dst.channels; c++) {
        for (int32_t y = 0; y < dst.rows; y++) {
            for (int32_t x = 0; x < dst.cols; x++) {
                double *to = channel_of(dst, c) + unit(dst, y, x);
                *to = (op->accumulate ? *to : 0) + shares(src, channel_of(src, c), neighbours(src, y, x));
            }
        }
    }
}
