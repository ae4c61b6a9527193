/* Computes the weights of Gaussians and binomials, with the samples at the ends repeated beyond them. */
#include "image/stencil.h"

#include "base/minmax.h"

#include <math.h>
#include <stdlib.h>

int64_t gd_stencil_halved(int64_t extent, int32_t halvings)
{
    for (; halvings > 0; halvings--)
        extent = (extent + 1) / 2;
    return extent;
}

int64_t gd_stencil_reach(const gd_stencil *s, int64_t count)
{
    const int64_t centres = s->kind == GD_STENCIL_SAME    ? count
                            : s->kind == GD_STENCIL_HALVE ? 2 * count - 1
                                                          : (count + 1) / 2;
    return centres + 2 * s->radius;
}

/* The sample that target i is centred on, or lies behind. */
static int64_t centre_of(const gd_stencil *s, int64_t i)
{
    return s->kind == GD_STENCIL_SAME ? i : s->kind == GD_STENCIL_HALVE ? 2 * i : i / 2;
}

/* The weight of the sample `d` after the centre of target i, not normalised. */
static double weight_of(const gd_stencil *s, int64_t i, int64_t d)
{
    static const double halving[] = {6, 4, 1}, even[] = {6, 1}, odd[] = {4, 4};
    if (s->kind == GD_STENCIL_HALVE)
        return halving[llabs(d)];
    if (s->kind == GD_STENCIL_DOUBLE)
        return i % 2 == 0 ? even[llabs(d)] : d < 0 ? 0 : odd[d];
    return d == 0 ? 1 : exp(-(double)(d * d) / (2 * s->sigma * s->sigma));
}

/* Weights of target i, which is target `at` of the axis. Adds those beyond an end to the last sample. */
static void weigh(const gd_stencil *s, int64_t i, int64_t at, double *scratch, gd_resampler *axis)
{
    const int64_t centre = centre_of(s, i);
    double sum = 0;
    for (int32_t t = 0; t < axis->taps; t++)
        scratch[t] = 0;
    for (int64_t d = -s->radius; d <= s->radius; d++) {
        const double weight = weight_of(s, i, d);
        const int64_t sample = gd_max_i64(0, gd_min_i64(axis->source - 1, centre + d));
        scratch[sample - axis->first[at]] += weight;
        sum += weight;
    }
    for (int32_t t = 0; t < axis->taps; t++)
        axis->weights[at * axis->taps + t] = (float)(scratch[t] / sum);
}

gd_status gd_stencil_axis(const gd_stencil *s, int64_t source, int64_t first, int64_t count, bool weighted,
                          gd_resampler **axis, gd_error *error)
{
    gd_resampler *made = calloc(1, sizeof *made);
    double *scratch = NULL;
    *axis = NULL;
    if (!made)
        return gd_no_memory(error, "the weights of a filter");
    *made = (gd_resampler){
        .source = source, .target = count, .taps = (int32_t)gd_min_i64(2 * s->radius + 1, source)};
    made->first = malloc((size_t)count * sizeof *made->first);
    scratch = malloc((size_t)made->taps * sizeof *scratch);
    if (weighted)
        made->weights = malloc((size_t)count * (size_t)made->taps * sizeof *made->weights);
    if (!made->first || !scratch || (weighted && !made->weights)) {
        free(scratch);
        gd_resampler_free(made);
        return gd_no_memory(error, "the weights of %lld pixels' filters", (long long)count);
    }
    for (int64_t i = 0; i < count; i++) {
        const int64_t low = centre_of(s, first + i) - s->radius;
        made->first[i] = gd_max_i64(0, gd_min_i64(low, source - made->taps));
        if (weighted)
            weigh(s, first + i, i, scratch, made);
    }
    free(scratch);
    *axis = made;
    return GD_OK;
}
