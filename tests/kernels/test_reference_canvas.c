/* The reference backend's arithmetic on the canvas. */
#include "check.h"
#include "image/resample.h"
#include "kernels/backend.h"

#include <math.h>
#include <stdlib.h>

static const gd_backend *const backend = &gd_backend_reference;

/* A smooth field with some texture. */
static float *make_field(int64_t rows, int64_t cols)
{
    float *field = malloc((size_t)(rows * cols * 3) * sizeof *field);
    assert_non_null(field);
    for (int64_t i = 0; i < rows * cols * 3; i++)
        field[i] =
            (float)sin(0.37 * (double)(i % 3) + 0.21 * (double)(i / 3 % cols) * (double)(i / 3 / cols));
    return field;
}

static void test_moments(void **state)
{
    (void)state;
    /* two rows of two pixels, three floats to skip */
    const float gradient[] = {1, 2, 3, 4, 5, 6, 1e9f, 1e9f, 1e9f, -1, -2, -3, 0.5f, 0, 0, 1e9f, 1e9f, 1e9f};
    double sums[2];
    gd_error error = {""};
    check_ok(backend->moments(NULL, gradient, 2, 2, 9, sums, &error), error);
    assert_true(sums[0] == 15.5);
    assert_true(sums[1] == 91 + 14 + 0.25);
}

/* In double: a million values near 1 lose nothing. */
static void test_moments_precision(void **state)
{
    (void)state;
    const int64_t count = 999999;
    float *gradient = malloc((size_t)count * sizeof *gradient);
    assert_non_null(gradient);
    for (int64_t i = 0; i < count; i++)
        gradient[i] = 1.0009765625f; /* 1 + 2^-10 */
    double sums[2];
    gd_error error = {""};
    check_ok(backend->moments(NULL, gradient, 1, count / 3, count, sums, &error), error);
    assert_true(sums[0] == (double)count * 1.0009765625);
    assert_true(sums[1] == (double)count * 1.0009765625 * 1.0009765625);
    free(gradient);
}

static void test_update(void **state)
{
    (void)state;
    float canvas[] = {0, 0.5f, -0.5f, 0.9f, -0.9f, 1};
    const float gradient[] = {1, -2, 3, 4, -5, 0};
    const float expected[] = {0.1f, 0.3f, -0.2f, 1, -1, 1};
    gd_error error = {""};
    check_ok(backend->update(NULL, canvas, gradient, 6, 0.1f, &error), error);
    for (int i = 0; i < 6; i++)
        assert_true(fabsf(canvas[i] - expected[i]) <= 1e-7f);
}

static gd_resampler *make_resampler(gd_resample_kind kind, int64_t source, int64_t target)
{
    gd_resampler *resampler;
    gd_error error;
    check_ok(gd_resampler_create(kind, source, target, &resampler, &error), error);
    return resampler;
}

/* Horizontally, then vertically, all of it, in double. */
static double *resample_whole(const gd_resampler *rows, const gd_resampler *cols, const float *source)
{
    double *middle = calloc((size_t)(rows->source * cols->target * 3), sizeof *middle);
    double *target = calloc((size_t)(rows->target * cols->target * 3), sizeof *target);
    assert_true(middle && target);
    for (int64_t y = 0; y < rows->source; y++) {
        for (int64_t i = 0; i < cols->target * 3 * cols->taps; i++) {
            const int64_t x = i / 3 / cols->taps, c = i / cols->taps % 3, tap = i % cols->taps;
            middle[(y * cols->target + x) * 3 + c] +=
                (double)cols->weights[x * cols->taps + tap] *
                (double)source[(y * cols->source + cols->first[x] + tap) * 3 + c];
        }
    }
    for (int64_t y = 0; y < rows->target; y++) {
        for (int64_t i = 0; i < cols->target * 3 * rows->taps; i++) {
            const int64_t at = i / rows->taps, tap = i % rows->taps;
            target[y * cols->target * 3 + at] += (double)rows->weights[y * rows->taps + tap] *
                                                 middle[(rows->first[y] + tap) * cols->target * 3 + at];
        }
    }
    free(middle);
    return target;
}

/* A rectangle of the target, made from no more of the source than it needs. */
static void check_part(const gd_resampler *rows, const gd_resampler *cols, const float *source,
                       const double *expected, gd_rect at)
{
    int64_t top, bottom, left, right;
    gd_resampler_support(rows, at.y, at.rows, &top, &bottom);
    gd_resampler_support(cols, at.x, at.cols, &left, &right);
    const gd_rect source_at = {top, left, bottom - top, right - left};
    const int64_t stride = at.cols * 3 + 5;
    float *part = malloc((size_t)(gd_rect_area(source_at) * 3) * sizeof *part);
    float *target = malloc((size_t)(at.rows * stride) * sizeof *target);
    assert_true(part && target);
    for (int64_t i = 0; i < gd_rect_area(source_at) * 3; i++)
        part[i] = source[((top + i / 3 / source_at.cols) * cols->source + left + i / 3 % source_at.cols) * 3 +
                         i % 3];
    gd_error error = {""};
    check_ok(backend->resample(NULL, rows, cols, part, source_at, target, at, stride, &error), error);
    for (int64_t y = 0; y < at.rows; y++) {
        for (int64_t i = 0; i < at.cols * 3; i++) {
            const double value = expected[((at.y + y) * cols->target + at.x) * 3 + i];
            assert_true(fabs((double)target[y * stride + i] - value) <= 1e-6);
        }
    }
    free(part);
    free(target);
}

static void check_resample(gd_resample_kind kind, int64_t rows, int64_t cols, int64_t target_rows,
                           int64_t target_cols)
{
    gd_resampler *by_rows = make_resampler(kind, rows, target_rows);
    gd_resampler *by_cols = make_resampler(kind, cols, target_cols);
    float *source = make_field(rows, cols);
    double *expected = resample_whole(by_rows, by_cols, source);
    check_part(by_rows, by_cols, source, expected, (gd_rect){0, 0, target_rows, target_cols});
    check_part(by_rows, by_cols, source, expected,
               (gd_rect){target_rows / 2, target_cols / 3, target_rows / 4, target_cols / 2});
    check_part(by_rows, by_cols, source, expected, (gd_rect){target_rows - 1, target_cols - 1, 1, 1});
    gd_resampler_free(by_rows);
    gd_resampler_free(by_cols);
    free(source);
    free(expected);
}

static void test_resample(void **state)
{
    (void)state;
    check_resample(GD_RESAMPLE_LANCZOS3, 40, 31, 48, 37);
    check_resample(GD_RESAMPLE_LANCZOS3, 40, 31, 17, 60);
    check_resample(GD_RESAMPLE_LANCZOS3, 20, 20, 20, 20);
    check_resample(GD_RESAMPLE_BILINEAR, 33, 21, 40, 25);
    check_resample(GD_RESAMPLE_BILINEAR, 33, 21, 20, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_moments_precision),
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_resample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
