/* Seeds each unit with the guide's unit that has the largest dot product with it, by plain loops. */
#include "kernels/reference/match.h"

#include "kernels/reference/pointwise.h"

#include <math.h>

static double product(const float *guide, gd_reference_view src, size_t at)
{
    double sum = 0;
    for (int32_t c = 0; c < src.channels; c++)
        sum += guide[c] * src.values[(size_t)c * gd_reference_plane(src) + at];
    return sum;
}

/* The guide's unit for unit `at` of src, as its values. */
static const float *best_of(const gd_match *match, gd_reference_view src, size_t at)
{
    const float *best = match->values;
    double most = -INFINITY;
    for (int32_t j = 0; j < match->units; j++) {
        const float *guide = match->values + (size_t)j * (size_t)match->channels;
        const double found = product(guide, src, at);
        if (found > most) {
            most = found;
            best = guide;
        }
    }
    return best;
}

void gd_reference_match(const gd_op *op, const double *factors, gd_reference_view src, gd_reference_view dst,
                        int32_t threads)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int32_t y = 0; y < dst.rows; y++)
        for (int32_t x = 0; x < dst.cols; x++) {
            const size_t from = (size_t)(y - op->pad_rows) * (size_t)src.cols + (size_t)(x - op->pad_cols);
            const float *best = best_of(op->match, src, from);
            for (int32_t c = 0; c < dst.channels; c++) {
                const double value = op->by_channel ? factors[op->factors + c] : op->value;
                double *to = dst.values + (size_t)c * gd_reference_plane(dst) + (size_t)y * (size_t)dst.cols +
                             (size_t)x;
                *to = (op->accumulate ? *to : 0) + value * best[c];
            }
        }
}
