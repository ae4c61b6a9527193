/* Forward and backward convolutions by plain loops: slow, and obviously right. */
#include "kernels/reference/convolve.h"

#include "kernels/reference/pointwise.h"

enum { KERNEL_MAX = 7 };

/* Outputs [begin, end) for which a tap reads a pixel, not the padding. */
typedef struct span {
    int32_t begin, end;
} span;

/* Spans of every row and column of the kernel. `wide` is the tensor that the forward convolution reads,
 * `narrow` the one that it writes. */
typedef struct plan {
    const gd_op *op;
    gd_reference_view wide, narrow;
    span rows[KERNEL_MAX], cols[KERNEL_MAX];
} plan;

/* Outputs in [0, extent) with 0 <= output * stride + tap - pad < wide. */
static span find_span(int32_t tap, int32_t pad, int32_t stride, int32_t extent, int32_t wide)
{
    span s = {0, extent};
    while (s.begin < s.end && s.begin * stride + tap - pad < 0)
        s.begin++;
    while (s.begin < s.end && (s.end - 1) * stride + tap - pad >= wide)
        s.end--;
    return s;
}

static plan make_plan(const gd_op *op, gd_reference_view wide, gd_reference_view narrow)
{
    plan p = {.op = op, .wide = wide, .narrow = narrow};
    for (int32_t r = 0; r < op->kernel_rows; r++)
        p.rows[r] = find_span(r, op->pad_rows, op->stride, narrow.rows, wide.rows);
    for (int32_t c = 0; c < op->kernel_cols; c++)
        p.cols[c] = find_span(c, op->pad_cols, op->stride, narrow.cols, wide.cols);
    return p;
}

/* One tap (r, c) between a channel of the wide tensor and one of the narrow. Forward: narrow += weight *
 * wide; back: wide += weight * narrow.
 */
static void add_tap(const plan *p, int32_t r, int32_t c, double weight, double *wide, double *narrow,
                    bool back)
{
    const span cols = p->cols[c];
    const int32_t stride = p->op->stride, shift = c - p->op->pad_cols;
    for (int32_t y = p->rows[r].begin; y < p->rows[r].end; y++) {
        double *n = narrow + (size_t)y * (size_t)p->narrow.cols;
        double *w = wide + (size_t)(y * stride + r - p->op->pad_rows) * (size_t)p->wide.cols;
        if (back) {
            for (int32_t x = cols.begin; x < cols.end; x++)
                w[x * stride + shift] += weight * n[x];
        } else {
            for (int32_t x = cols.begin; x < cols.end; x++)
                n[x] += weight * w[x * stride + shift];
        }
    }
}

/* All taps between channel `in` of the wide tensor and channel `out` of the narrow one. */
static void add_channel(const plan *p, const gd_filter_values *filter, int32_t in, int32_t out, bool back)
{
    const int32_t rows = p->op->kernel_rows, cols = p->op->kernel_cols;
    const double *kernel =
        filter->kernel + ((size_t)out * (size_t)p->wide.channels + (size_t)in) * (size_t)(rows * cols);
    double *wide = p->wide.values + (size_t)in * gd_reference_plane(p->wide);
    double *narrow = p->narrow.values + (size_t)out * gd_reference_plane(p->narrow);
    for (int32_t r = 0; r < rows; r++) {
        for (int32_t c = 0; c < cols; c++)
            add_tap(p, r, c, kernel[r * cols + c], wide, narrow, back);
    }
}

/* Initializes a channel before its first tap: to `start`, added to the old values if the operation
 * accumulates. */
static void begin_channel(const gd_op *op, gd_reference_view dst, int32_t channel, double start)
{
    double *values = dst.values + (size_t)channel * gd_reference_plane(dst);
    for (size_t i = 0; i < gd_reference_plane(dst); i++)
        values[i] = (op->accumulate ? values[i] : 0) + start;
}

/* Number of threads: one for little work, because a barrier costs as much as many thousand sums. */
static int32_t team(const plan *p, int32_t threads)
{
    const double sums =
        (double)gd_reference_units(p->narrow) * p->wide.channels * p->op->kernel_rows * p->op->kernel_cols;
    return sums < 1e6 ? 1 : threads;
}

void gd_reference_conv(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                       const gd_filter_values *filter, int32_t threads)
{
    const plan p = make_plan(op, src, dst);
#pragma omp parallel for schedule(static) num_threads(team(&p, threads))
    for (int32_t out = 0; out < dst.channels; out++) {
        begin_channel(op, dst, out, filter->bias[out]);
        for (int32_t in = 0; in < src.channels; in++)
            add_channel(&p, filter, in, out, false);
    }
}

void gd_reference_conv_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                            const gd_filter_values *filter, int32_t threads)
{
    const plan p = make_plan(op, dst, src);
#pragma omp parallel for schedule(static) num_threads(team(&p, threads))
    for (int32_t in = 0; in < dst.channels; in++) {
        begin_channel(op, dst, in, 0);
        for (int32_t out = 0; out < src.channels; out++)
            add_channel(&p, filter, in, out, true);
    }
}
