/* Converts the first convolution of a weights file to pixels in [-1, 1]. */
#include "net/keras/weights_range.h"

#include <math.h>

/* Sum over all taps of the weights from colour c to output o: the response to a constant picture. */
static double answer(const gd_first_conv *conv, int32_t c, int32_t o)
{
    double sum = 0;
    for (int32_t t = 0; t < conv->taps; t++)
        sum += conv->kernel[((int64_t)t * 3 + c) * conv->out + o];
    return sum;
}

/* The picture x' of the file's range is scale * x + shift, so kernel' x' = (scale kernel') x + shift * sum.
 */
static void fold_range(const gd_first_conv *conv, const double scale[3], const double shift[3])
{
    for (int32_t o = 0; o < conv->out; o++) {
        double sum = 0;
        for (int32_t c = 0; c < 3; c++)
            sum += shift[c] * answer(conv, c, o);
        conv->mean[o] -= (float)sum;
    }
    for (int64_t i = 0; i < (int64_t)conv->taps * 3 * conv->out; i++)
        conv->kernel[i] = (float)(scale[i / conv->out % 3] * conv->kernel[i]);
}

/* Solves a symmetric 3x3 system by Cramer's rule; false if it is nearly singular. */
static bool solve3(double a[3][3], const double b[3], double x[3])
{
    const double minor[3] = {a[1][1] * a[2][2] - a[1][2] * a[2][1], a[1][2] * a[2][0] - a[1][0] * a[2][2],
                             a[1][0] * a[2][1] - a[1][1] * a[2][0]};
    const double det = a[0][0] * minor[0] + a[0][1] * minor[1] + a[0][2] * minor[2];
    if (!(fabs(det) > 1e-9 * fabs(a[0][0] * a[1][1] * a[2][2])))
        return false;
    for (int k = 0; k < 3; k++) {
        double m[3][3];
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 3; c++)
                m[r][c] = c == k ? b[r] : a[r][c];
        }
        x[k] = (m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
                m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
                m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])) /
               det;
    }
    return true;
}

/* The mean colour of the pictures that the network was trained on, from the means of its first batch norm: a
 * convolution's mean is its answer to the mean colour (least squares over the outputs). Returns false when no
 * colour explains the means, as with weights that were never trained. */
static bool mean_colour(const gd_first_conv *conv, double colour[3])
{
    double normal[3][3] = {{0}}, right[3] = {0}, total = 0, rest = 0;
    for (int32_t o = 0; o < conv->out; o++) {
        for (int r = 0; r < 3; r++) {
            right[r] += answer(conv, r, o) * conv->mean[o];
            for (int c = 0; c < 3; c++)
                normal[r][c] += answer(conv, r, o) * answer(conv, c, o);
        }
    }
    if (!solve3(normal, right, colour))
        return false;
    for (int32_t o = 0; o < conv->out; o++) {
        const double mean = conv->mean[o];
        double left = mean;
        for (int c = 0; c < 3; c++)
            left -= answer(conv, c, o) * colour[c];
        total += mean * mean;
        rest += left * left;
    }
    return rest < 0.25 * total;
}

/* With inputs in [-1, 1] the mean square of an output is at most the square of its kernel's absolute sum. */
static bool too_loud(const gd_first_conv *conv)
{
    for (int32_t o = 0; o < conv->out; o++) {
        double sum = 0;
        for (int64_t i = 0; i < (int64_t)conv->taps * 3; i++)
            sum += fabs(conv->kernel[i * conv->out + o]);
        const double mean = conv->mean[o];
        if (conv->variance[o] + mean * mean > 4 * sum * sum)
            return true;
    }
    return false;
}

/* Photographs are a little darker than mid-grey on the average: about -0.1 in [-1, 1], 0.45 in [0, 1]. */
static gd_status check_statistics(const gd_weights_range *range, const gd_first_conv *conv, gd_error *error)
{
    double colour[3];
    const bool known = mean_colour(conv, colour);
    const double grey = known ? (colour[0] + colour[1] + colour[2]) / 3 : 0;
    if (!too_loud(conv) && grey > -0.6 && grey < 0.3)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "the weights file %s does not fit pictures in [-1, 1] (its first batch norm speaks of a mean "
        "pixel of %.3g) and does not state its range; %s.",
        range->path, grey, range->remedy);
}

gd_status gd_weights_settle_range(const gd_weights_range *range, const gd_first_conv *conv, gd_error *error)
{
    if (!range->stated)
        return check_statistics(range, conv, error);
    for (int c = 0; c < 3; c++) {
        if (range->scale[c] != 1 || range->shift[c] != 0) {
            fold_range(conv, range->scale, range->shift);
            break;
        }
    }
    return GD_OK;
}
