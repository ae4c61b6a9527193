/* Forward and backward local response normalization by plain loops.
 *
 * With s_c = bias + scale * sum of x_j^2 over the channels j beside c, y_c = x_c * s_c^-b. So
 * dx_j = g_j * s_j^-b - 2 * b * scale * x_j * sum of g_c * x_c * s_c^(-b - 1) over the channels c beside j.
 */
#include "kernels/reference/lrn.h"

#include "base/minmax.h"
#include "kernels/reference/pointwise.h"

#include <math.h>

static double *unit_at(gd_reference_view view, int32_t channel, int32_t y, int32_t x)
{
    return view.values + (size_t)channel * gd_reference_plane(view) + (size_t)y * (size_t)view.cols +
           (size_t)x;
}

/* s_c at a pixel. */
static double divisor(const gd_lrn *lrn, gd_reference_view read, int32_t channel, int32_t y, int32_t x)
{
    const int32_t first = gd_max_i32(channel - lrn->size / 2, 0);
    const int32_t last = gd_min_i32(channel + lrn->size / 2, read.channels - 1);
    double squares = 0;
    for (int32_t c = first; c <= last; c++)
        squares += *unit_at(read, c, y, x) * *unit_at(read, c, y, x);
    return lrn->bias + lrn->scale * squares;
}

void gd_reference_lrn(const gd_op *op, gd_reference_view src, gd_reference_view dst, int32_t threads)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int32_t c = 0; c < dst.channels; c++) {
        for (int32_t y = 0; y < dst.rows; y++) {
            for (int32_t x = 0; x < dst.cols; x++) {
                const int32_t row = y - op->pad_rows, col = x - op->pad_cols;
                *unit_at(dst, c, y, x) = *unit_at(src, c, row, col) *
                                         pow(divisor(&op->lrn, src, c, row, col), -op->lrn.quarters / 4.0);
            }
        }
    }
}

/* The gradient of channel j at (y, x) of `kept`, which is (row, col) of src. */
static double gradient(const gd_lrn *lrn, gd_reference_view src, int32_t row, int32_t col,
                       gd_reference_view kept, int32_t y, int32_t x, int32_t j)
{
    const double power = lrn->quarters / 4.0;
    const int32_t first = gd_max_i32(j - lrn->size / 2, 0);
    const int32_t last = gd_min_i32(j + lrn->size / 2, kept.channels - 1);
    double others = 0;
    for (int32_t c = first; c <= last; c++)
        others += *unit_at(src, c, row, col) * *unit_at(kept, c, y, x) *
                  pow(divisor(lrn, kept, c, y, x), -power - 1);
    return *unit_at(src, j, row, col) * pow(divisor(lrn, kept, j, y, x), -power) -
           2 * power * lrn->scale * *unit_at(kept, j, y, x) * others;
}

void gd_reference_lrn_back(const gd_op *op, gd_reference_view src, gd_reference_view kept,
                           gd_reference_view dst, int32_t threads)
{
    const int32_t down = dst.row - kept.row, across = dst.col - kept.col;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int32_t c = 0; c < dst.channels; c++) {
        for (int32_t y = 0; y < dst.rows; y++) {
            for (int32_t x = 0; x < dst.cols; x++) {
                double *to = unit_at(dst, c, y, x);
                *to = (op->accumulate ? *to : 0) + gradient(&op->lrn, src, y + op->pad_rows, x + op->pad_cols,
                                                            kept, y + down, x + across, c);
            }
        }
    }
}
