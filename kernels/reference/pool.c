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

/* Of the 3x3 units from (y, x) on, those that there are in [0, rows) x [0, cols). */
static gd_rect real_units(int32_t y, int32_t x, int32_t rows, int32_t cols)
{
    const int32_t top = gd_max_i32(y, 0), left = gd_max_i32(x, 0);
    return (gd_rect){top, left, gd_min_i32(y + 3, rows) - top, gd_min_i32(x + 3, cols) - left};
}

/* Index, row-major, of the first maximum of the units of src in the 3x3 from (y, x) on. */
static uint8_t find_winner(gd_reference_view src, const double *plane, int32_t y, int32_t x)
{
    const gd_rect r = real_units(y, x, src.rows, src.cols);
    int64_t row = r.y, col = r.x;
    for (int64_t i = r.y; i < r.y + r.rows; i++) {
        for (int64_t j = r.x; j < r.x + r.cols; j++) {
            if (plane[unit(src, (int32_t)i, (int32_t)j)] > plane[unit(src, (int32_t)row, (int32_t)col)]) {
                row = i;
                col = j;
            }
        }
    }
    return (uint8_t)((row - y) * 3 + col - x);
}

/* Number of threads: one for little work. */
static int32_t team(gd_reference_view view, int32_t threads)
{
    return gd_reference_units(view) < 100000 ? 1 : threads;
}

void gd_reference_max_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                           gd_reference_bytes winners, int32_t threads)
{
#pragma omp parallel for schedule(static) num_threads(team(src, threads))
    for (int32_t c = 0; c < dst.channels; c++) {
        const double *from = channel_of(src, c);
        for (int32_t y = 0; y < dst.rows; y++) {
            for (int32_t x = 0; x < dst.cols; x++) {
                const int32_t top = y * op->stride - op->pad_rows, left = x * op->stride - op->pad_cols;
                const uint8_t p = find_winner(src, from, top, left);
                const double most = from[unit(src, top + p / 3, left + p % 3)];
                *gd_reference_byte(winners, c, y, x) = op->relu && !(most > 0) ? GD_NO_WINNER : p;
                channel_of(dst, c)[unit(dst, y, x)] = most;
            }
        }
    }
}

/* Winners outside dst are others' matter. */
void gd_reference_max_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                gd_reference_bytes winners, int32_t threads)
{
    if (!op->accumulate)
        gd_reference_clear(dst);
#pragma omp parallel for schedule(static) num_threads(team(src, threads))
    for (int32_t c = 0; c < src.channels; c++) {
        for (int32_t y = 0; y < src.rows; y++) {
            for (int32_t x = 0; x < src.cols; x++) {
                const uint8_t p = *gd_reference_byte(winners, c, y, x);
                const int32_t row = y * op->stride - op->pad_rows + p / 3;
                const int32_t col = x * op->stride - op->pad_cols + p % 3;
                if (p != GD_NO_WINNER && row >= 0 && row < dst.rows && col >= 0 && col < dst.cols)
                    channel_of(dst, c)[unit(dst, row, col)] += channel_of(src, c)[unit(src, y, x)];
            }
        }
    }
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

/* 3x3, stride 1. All real units that are read are in src. */
void gd_reference_avg_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst, int32_t threads)
{
#pragma omp parallel for schedule(static) num_threads(team(src, threads))
    for (int32_t c = 0; c < dst.channels; c++) {
        for (int32_t y = 0; y < dst.rows; y++) {
            for (int32_t x = 0; x < dst.cols; x++)
                channel_of(dst, c)[unit(dst, y, x)] =
                    mean(src, channel_of(src, c),
                         real_units(y - op->pad_rows, x - op->pad_cols, src.rows, src.cols));
        }
    }
}

/* Every unit gets its share from each mean that it was a part of: the means in `r`. How many share depends on
 * where a mean lies in the whole window. */
static double shares(gd_reference_view src, const double *plane, gd_rect r)
{
    double sum = 0;
    for (int64_t y = r.y; y < r.y + r.rows; y++) {
        for (int64_t x = r.x; x < r.x + r.cols; x++)
            sum += plane[unit(src, (int32_t)y, (int32_t)x)] /
                   (double)gd_rect_area(real_units((int32_t)y + src.row - 1, (int32_t)x + src.col - 1,
                                                   src.whole_rows, src.whole_cols));
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
                *to = (op->accumulate ? *to : 0) +
                      shares(src, channel_of(src, c),
                             real_units(y + op->pad_rows - 2, x + op->pad_cols - 2, src.rows, src.cols));
            }
        }
    }
}
