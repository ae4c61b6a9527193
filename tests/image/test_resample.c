/* Tests the weights of resampling against their definition. */
#include "check.h"
#include "image/resample.h"

#include <math.h>

static gd_error error;

static gd_resampler *make(gd_resample_kind kind, int64_t source, int64_t target)
{
    gd_resampler *r;
    check_ok(gd_resampler_create(kind, source, target, &r, &error), error);
    return r;
}

static const int64_t SIZES[][2] = {{1, 1},   {1, 9},    {9, 1},     {2, 3},     {3, 2},      {7, 7},
                                   {5, 100}, {100, 5},  {427, 300}, {300, 427}, {1000, 999}, {999, 1000},
                                   {4, 8},   {4096, 3}, {11, 13},   {2, 1},     {100000, 77}};
enum { SIZE_COUNT = sizeof SIZES / sizeof *SIZES };

static void weights_sum_to_one_inside_the_source(void **state)
{
    (void)state;
    for (int k = 0; k < 2 * SIZE_COUNT; k++) {
        gd_resampler *r = make((gd_resample_kind)(k % 2), SIZES[k / 2][0], SIZES[k / 2][1]);
        for (int64_t i = 0; i < r->target; i++) {
            double sum = 0.0;
            for (int32_t t = 0; t < r->taps; t++)
                sum += r->weights[i * r->taps + t];
            assert_true(fabs(sum - 1.0) < 1e-5);
            assert_true(r->first[i] >= 0 && r->first[i] + r->taps <= r->source);
            assert_true(i == 0 || r->first[i] >= r->first[i - 1]);
        }
        gd_resampler_free(r);
    }
}

static double naive_lanczos(double x)
{
    const double pi = acos(-1.0);
    if (x == 0.0)
        return 1.0;
    return fabs(x) < 3.0 ? 3.0 * sin(pi * x) * sin(pi * x / 3.0) / (pi * pi * x * x) : 0.0;
}

/* Every source sample, weighed by its distance from the target's centre. */
static void lanczos_is_the_double_loop(void **state)
{
    (void)state;
    for (int k = 0; k < SIZE_COUNT; k++) {
        int64_t source = SIZES[k][0], target = SIZES[k][1];
        gd_resampler *r = make(GD_RESAMPLE_LANCZOS3, source, target);
        double scale = (double)source / (double)target, widen = scale > 1.0 ? scale : 1.0;
        for (int64_t i = 0; i < target; i += 1 + target / 40) {
            double centre = ((double)i + 0.5) * scale, all = 0.0;
            for (int64_t j = 0; j < source; j++)
                all += naive_lanczos(((double)j + 0.5 - centre) / widen);
            for (int64_t j = 0; j < source; j++) {
                int64_t t = j - r->first[i];
                double weight = t >= 0 && t < r->taps ? r->weights[i * r->taps + t] : 0.0;
                assert_true(fabs(weight - naive_lanczos(((double)j + 0.5 - centre) / widen) / all) < 1e-6);
            }
        }
        gd_resampler_free(r);
    }
}

/* tf.image.resize([0, 1, ..., n - 1], method="bilinear", antialias=False). */
static void bilinear_is_tensorflows(void **state)
{
    (void)state;
    static const double up[] = {0.0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.0};
    static const double down[] = {0.75, 3.25, 5.75, 8.25};
    const struct {
        int64_t source, target;
        const double *values;
    } cases[] = {{4, 8, up}, {10, 4, down}};
    for (int k = 0; k < 2; k++) {
        gd_resampler *r = make(GD_RESAMPLE_BILINEAR, cases[k].source, cases[k].target);
        for (int64_t i = 0; i < r->target; i++) {
            double sum = 0.0;
            for (int32_t t = 0; t < r->taps; t++)
                sum += r->weights[i * r->taps + t] * (double)(r->first[i] + t);
            assert_true(fabs(sum - cases[k].values[i]) < 1e-6);
        }
        gd_resampler_free(r);
    }
}

static void equal_sizes_change_nothing(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        gd_resampler *r = make((gd_resample_kind)k, 1234, 1234);
        for (int64_t i = 0; i < 1234; i++) {
            for (int32_t t = 0; t < r->taps; t++)
                assert_true(r->weights[i * r->taps + t] == (r->first[i] + t == i ? 1.0f : 0.0f));
        }
        gd_resampler_free(r);
    }
}

/* What is left of a wave that shrinking cannot carry: 1.5 samples a period at the target's rate. */
static void shrinking_does_not_alias(void **state)
{
    (void)state;
    gd_resampler *r = make(GD_RESAMPLE_LANCZOS3, 6000, 1000);
    double worst = 0.0;
    for (int64_t i = 10; i < 990; i++) {
        double sum = 0.0;
        for (int32_t t = 0; t < r->taps; t++)
            sum += r->weights[i * r->taps + t] * sin(2.0 * acos(-1.0) * (double)(r->first[i] + t) / 9.0);
        worst = fmax(worst, fabs(sum));
    }
    assert_true(worst > 0.0 && worst < 0.05);
    gd_resampler_free(r);
}

static void support_covers_what_is_read(void **state)
{
    (void)state;
    gd_resampler *r = make(GD_RESAMPLE_LANCZOS3, 700, 333);
    int64_t begin, end;
    gd_resampler_support(r, 100, 50, &begin, &end);
    for (int64_t i = 100; i < 150; i++)
        assert_true(r->first[i] >= begin && r->first[i] + r->taps <= end);
    assert_true(begin == r->first[100] && end == r->first[149] + r->taps);
    gd_resampler_free(r);
}

/* Where they lie does not need the weights. */
static void places_are_those_of_the_weights(void **state)
{
    (void)state;
    static const int64_t extents[][2] = {{700, 333}, {333, 700}, {5, 4}, {2, 9}, {50, 50}, {1, 3}, {1000, 1}};
    for (size_t i = 0; i < sizeof extents / sizeof *extents; i++)
        for (int kind = GD_RESAMPLE_LANCZOS3; kind <= GD_RESAMPLE_BILINEAR; kind++) {
            gd_resampler *r = make((gd_resample_kind)kind, extents[i][0], extents[i][1]), *places;
            check_ok(gd_resampler_create_places((gd_resample_kind)kind, extents[i][0], extents[i][1], &places,
                                                &error),
                     error);
            assert_null(places->weights);
            assert_int_equal(places->taps, r->taps);
            assert_memory_equal(places->first, r->first, (size_t)r->target * sizeof *r->first);
            gd_resampler_free(r);
            gd_resampler_free(places);
        }
}

/* Far along a long side: the same fractions come again, up to rounding. */
static void long_sides_stay_exact(void **state)
{
    (void)state;
    gd_resampler *r = make(GD_RESAMPLE_LANCZOS3, 30000000, 20000000);
    for (int32_t t = 0; t < r->taps; t++) {
        float near = r->weights[1000 * r->taps + t], far = r->weights[19999000 * (int64_t)r->taps + t];
        assert_true(fabsf(near - far) < 1e-7f);
    }
    assert_true(r->first[19999000] - r->first[1000] == 29997000);
    gd_resampler_free(r);
}

static void senseless_sizes_are_refused(void **state)
{
    (void)state;
    gd_resampler *r;
    assert_int_equal(gd_resampler_create(GD_RESAMPLE_LANCZOS3, 0, 5, &r, &error), GD_USAGE);
    assert_int_equal(gd_resampler_create(GD_RESAMPLE_LANCZOS3, 5, INT64_MAX, &r, &error), GD_USAGE);
    assert_null(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_sum_to_one_inside_the_source),
        cmocka_unit_test(lanczos_is_the_double_loop),
        cmocka_unit_test(bilinear_is_tensorflows),
        cmocka_unit_test(equal_sizes_change_nothing),
        cmocka_unit_test(places_are_those_of_the_weights),
        cmocka_unit_test(shrinking_does_not_alias),
        cmocka_unit_test(support_covers_what_is_read),
        cmocka_unit_test(long_sides_stay_exact),
        cmocka_unit_test(senseless_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
