/* Computes resampling weights (Lanczos-3, or bilinear as in TensorFlow) and applies them to rows. */
#include "image/resample.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The lobes of the Lanczos kernel. */
static const double LOBES = 3.0;

static double sinc(double x)
{
    const double pi = 3.14159265358979323846264338327950288;
    return x == 0.0 ? 1.0 : sin(pi * x) / (pi * x);
}

static double lanczos3(double x)
{
    return fabs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0.0;
}

static int64_t clamp64(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* Position of target i's centre on the source axis, where sample j covers [j, j + 1). The product is exact
 * below 2^53, and the quotient is rounded once. */
static double centre_of(const gd_resampler *r, int64_t i)
{
    return (double)((2 * i + 1) * r->source) / (2.0 * (double)r->target);
}

static void identity(gd_resampler *r)
{
    for (int64_t i = 0; i < r->target; i++) {
        r->first[i] = i;
        if (r->weights)
            r->weights[i] = 1.0f;
    }
}

/* The samples [*low, *high) whose centres are within the support of the target's centre. At the end of the
 * axis the window is shifted inward, and samples before `low` get weight 0. */
static void place_lanczos(const gd_resampler *r, int64_t i, double widen, int64_t *low, int64_t *high)
{
    const double centre = centre_of(r, i), support = LOBES * widen;
    *low = clamp64((int64_t)floor(centre - support + 0.5), 0, r->source);
    *high = clamp64((int64_t)floor(centre + support + 0.5), 0, r->source);
    r->first[i] = clamp64(*low, 0, r->source - r->taps);
}

static void lanczos_row(const gd_resampler *r, int64_t i, double widen, double *scratch)
{
    double centre = centre_of(r, i), sum = 0.0;
    int64_t low, high;
    place_lanczos(r, i, widen, &low, &high);
    for (int32_t t = 0; t < r->taps; t++) {
        int64_t j = r->first[i] + t;
        bool inside = j >= low && j < high;
        scratch[t] = inside ? lanczos3(((double)j + 0.5 - centre) / widen) : 0.0;
        sum += scratch[t];
    }
    for (int32_t t = 0; t < r->taps; t++)
        r->weights[i * r->taps + t] = (float)(scratch[t] / sum);
}

static gd_status lanczos(gd_resampler *r, double widen, gd_error *error)
{
    double *scratch = malloc((size_t)r->taps * sizeof *scratch);
    if (!scratch)
        return gd_no_memory(error, "%d resampling weights", r->taps);
    for (int64_t i = 0; i < r->target; i++)
        lanczos_row(r, i, widen, scratch);
    free(scratch);
    return GD_OK;
}

/* The samples below and above the target's centre; returns how far it is beyond the one below. */
static double place_bilinear(const gd_resampler *r, int64_t i, int64_t *low, int64_t *high)
{
    const double at = centre_of(r, i) - 0.5, below = floor(at);
    *low = clamp64((int64_t)below, 0, r->source - 1);
    *high = clamp64((int64_t)below + 1, 0, r->source - 1);
    r->first[i] = clamp64(*low, 0, r->source - r->taps);
    return at - below;
}

static void bilinear(gd_resampler *r)
{
    for (int64_t i = 0; i < r->target; i++) {
        int64_t low, high;
        const double beyond = place_bilinear(r, i, &low, &high);
        float *weights = r->weights + i * r->taps;
        for (int32_t t = 0; t < r->taps; t++)
            weights[t] = 0.0f;
        weights[low - r->first[i]] += (float)(1.0 - beyond);
        weights[high - r->first[i]] += (float)beyond;
    }
}

static void place_all(gd_resampler *r, gd_resample_kind kind, double widen)
{
    int64_t low, high;
    for (int64_t i = 0; i < r->target; i++) {
        if (kind == GD_RESAMPLE_BILINEAR)
            (void)place_bilinear(r, i, &low, &high);
        else
            place_lanczos(r, i, widen, &low, &high);
    }
}

/* The support of Lanczos-3 is `LOBES * widen` on each side of a centre. */
static int32_t taps_of(gd_resample_kind kind, int64_t source, int64_t target, double widen)
{
    if (source == target)
        return 1;
    double taps = kind == GD_RESAMPLE_BILINEAR ? 2.0 : 2.0 * ceil(LOBES * widen) + 1.0;
    return (int32_t)(taps < (double)source ? taps : (double)source);
}

static gd_status create(gd_resample_kind kind, int64_t source, int64_t target, bool weights,
                        gd_resampler **resampler, gd_error *error)
{
    *resampler = NULL;
    if (source < 1 || target < 1 || source > GD_RESAMPLE_MAX || target > GD_RESAMPLE_MAX)
        return gd_fail(error, GD_USAGE, "cannot resample %lld to %lld pixels: sides go from 1 to %lld",
                       (long long)source, (long long)target, (long long)GD_RESAMPLE_MAX);
    double widen = source > target ? (double)source / (double)target : 1.0;
    gd_resampler *r = calloc(1, sizeof *r);
    gd_status status = GD_OK;
    if (!r)
        goto no_memory;
    *r = (gd_resampler){.source = source, .target = target, .taps = taps_of(kind, source, target, widen)};
    r->first = malloc((size_t)target * sizeof *r->first);
    if (weights)
        r->weights = malloc((size_t)target * (size_t)r->taps * sizeof *r->weights);
    if (!r->first || (weights && !r->weights))
        goto no_memory;
    if (source == target)
        identity(r);
    else if (!weights)
        place_all(r, kind, widen);
    else if (kind == GD_RESAMPLE_BILINEAR)
        bilinear(r);
    else
        status = lanczos(r, widen, error);
    if (status != GD_OK)
        goto cleanup;
    *resampler = r;
    return GD_OK;
no_memory:
    status = gd_no_memory(error, "the weights that resample %lld to %lld pixels", (long long)source,
                          (long long)target);
cleanup:
    gd_resampler_free(r);
    return status;
}

gd_status gd_resampler_create(gd_resample_kind kind, int64_t source, int64_t target, gd_resampler **resampler,
                              gd_error *error)
{
    return create(kind, source, target, true, resampler, error);
}

gd_status gd_resampler_create_places(gd_resample_kind kind, int64_t source, int64_t target,
                                     gd_resampler **resampler, gd_error *error)
{
    return create(kind, source, target, false, resampler, error);
}

void gd_resampler_free(gd_resampler *resampler)
{
    if (!resampler)
        return;
    free(resampler->first);
    free(resampler->weights);
    free(resampler);
}

void gd_resampler_support(const gd_resampler *resampler, int64_t first, int64_t count, int64_t *begin,
                          int64_t *end)
{
    *begin = resampler->first[first];
    *end = resampler->first[first + count - 1] + resampler->taps;
}

void gd_resampler_row(const gd_resampler *cols, const float *from, float *to)
{
    for (int64_t i = 0; i < cols->target; i++) {
        const float *first = from + 3 * cols->first[i], *weights = cols->weights + i * cols->taps;
        float sum[3] = {0};
        for (int32_t t = 0; t < cols->taps; t++) {
            for (int32_t c = 0; c < 3; c++)
                sum[c] += weights[t] * first[3 * t + c];
        }
        memcpy(to + 3 * i, sum, sizeof sum);
    }
}

void gd_resampler_add_row(const gd_resampler *rows, int64_t y, int64_t first, int64_t end, const float *line,
                          int64_t floats, float *to)
{
    for (int64_t i = first; i < end && rows->first[i] <= y; i++) {
        const int64_t tap = y - rows->first[i];
        const float weight = tap < rows->taps ? rows->weights[i * rows->taps + tap] : 0.0f;
        float *row = to + (i - first) * floats;
        for (int64_t k = 0; weight != 0.0f && k < floats; k++)
            row[k] += weight * line[k];
    }
}
