/* Arithmetic on the canvas: cpu against reference, and independence of how work is cut. */
#include "base/random.h"
#include "check.h"
#include "kernels/backend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gd_device *open_device(const gd_backend *backend, int32_t cores)
{
    gd_device *device = NULL;
    gd_error error = {{0}};
    check_ok(
        backend->open(&(gd_device_options){.precision = GD_PRECISION_AUTO, .cores = cores}, &device, &error),
        error);
    return device;
}

static float *noise(int64_t rows, int64_t cols, uint64_t seed, double mean)
{
    float *values = malloc((size_t)(rows * cols * 3) * sizeof *values);
    assert_non_null(values);
    for (int64_t y = 0; y < rows; y++)
        for (int64_t x = 0; x < cols; x++) {
            double rgb[3];
            gd_random_normal3(seed, y, x, rgb);
            for (int c = 0; c < 3; c++)
                values[(y * cols + x) * 3 + c] = (float)(rgb[c] + mean);
        }
    return values;
}

static void test_moments(void **state)
{
    (void)state;
    gd_device *cpu = open_device(&gd_backend_cpu, 0), *one = open_device(&gd_backend_cpu, 1);
    gd_device *reference = open_device(&gd_backend_reference, 0);
    gd_error error = {""};
    const int64_t shapes[][2] = {{1, 1}, {3, 5}, {64, 7}, {257, 311}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        int64_t rows = shapes[s][0], cols = shapes[s][1], wide = cols + 9;
        float *values = noise(rows, wide, 3, 0.5);
        double a[2] = {NAN, NAN}, b[2] = {NAN, NAN}, c[2] = {NAN, NAN};
        check_ok(gd_backend_cpu.moments(cpu, values + 6, rows, cols, wide * 3, a, &error), error);
        check_ok(gd_backend_cpu.moments(one, values + 6, rows, cols, wide * 3, b, &error), error);
        check_ok(gd_backend_reference.moments(reference, values + 6, rows, cols, wide * 3, c, &error), error);
        assert_memory_equal(a, b, sizeof a);
        for (int i = 0; i < 2; i++)
            assert_true(fabs(a[i] - c[i]) <= 1e-12 * c[1]);
        free(values);
    }
    gd_backend_cpu.close(cpu);
    gd_backend_cpu.close(one);
    gd_backend_reference.close(reference);
}

static void test_update(void **state)
{
    (void)state;
    enum { ROWS = 61, COLS = 77, COUNT = ROWS * COLS * 3 };
    gd_error error = {""};
    gd_device *cpu = open_device(&gd_backend_cpu, 0), *reference = open_device(&gd_backend_reference, 0);
    float *a = noise(ROWS, COLS, 1, 0), *b = noise(ROWS, COLS, 1, 0), *gradient = noise(ROWS, COLS, 2, 0);
    check_ok(gd_backend_cpu.update(cpu, a, gradient, COUNT, 0.37F, &error), error);
    check_ok(gd_backend_reference.update(reference, b, gradient, COUNT, 0.37F, &error), error);
    bool low = false, high = false;
    for (int i = 0; i < COUNT; i++) {
        assert_true(fabsf(a[i] - b[i]) <= 1e-6F);
        assert_true(a[i] >= -1 && a[i] <= 1);
        low = low || a[i] == -1;
        high = high || a[i] == 1;
    }
    assert_true(low && high);
    gd_backend_cpu.close(cpu);
    gd_backend_reference.close(reference);
    free(a);
    free(b);
    free(gradient);
}

static void test_mix(void **state)
{
    (void)state;
    enum { ROWS = 17, COLS = 23, WIDE = 31 };
    const gd_backend *backends[] = {&gd_backend_cpu, &gd_backend_reference};
    for (int b = 0; b < 2; b++) {
        gd_error error = {""};
        gd_device *device = open_device(backends[b], 0);
        float *to = noise(ROWS, WIDE, 1, 0), *before = noise(ROWS, WIDE, 1, 0),
              *from = noise(ROWS, COLS, 2, 0);
        check_ok(backends[b]->mix(device, to, WIDE * 3, from, COLS * 3, ROWS, COLS * 3, -0.7F, 2.5F, &error),
                 error);
        for (int y = 0; y < ROWS; y++)
            for (int i = 0; i < WIDE * 3; i++) {
                const double was = before[y * WIDE * 3 + i], by = i < COLS * 3 ? from[y * COLS * 3 + i] : 0;
                const double wanted = i < COLS * 3 ? (double)-0.7F * was + 2.5 * by : was;
                assert_true(fabs(to[y * WIDE * 3 + i] - wanted) <= 1e-6); /* rounded once, below 16 */
            }
        free(to);
        free(before);
        free(from);
        backends[b]->close(device);
    }
}

/* What a rectangle of the target reads, cut out of the whole source. */
static float *cut(const float *whole, int64_t cols, gd_rect part)
{
    float *values = malloc((size_t)(part.rows * part.cols * 3) * sizeof *values);
    assert_non_null(values);
    for (int64_t y = 0; y < part.rows; y++)
        memcpy(values + y * part.cols * 3, whole + ((part.y + y) * cols + part.x) * 3,
               (size_t)part.cols * 3 * sizeof *values);
    return values;
}

static gd_rect support(const gd_resampler *rows, const gd_resampler *cols, gd_rect target)
{
    int64_t top, bottom, left, right;
    gd_resampler_support(rows, target.y, target.rows, &top, &bottom);
    gd_resampler_support(cols, target.x, target.cols, &left, &right);
    return (gd_rect){top, left, bottom - top, right - left};
}

static float *resample(const gd_backend *backend, gd_device *device, const gd_resampler *rows,
                       const gd_resampler *cols, const float *whole, gd_rect target)
{
    gd_rect source_at = support(rows, cols, target);
    float *source = cut(whole, cols->source, source_at);
    float *values = malloc((size_t)(target.rows * target.cols * 3) * sizeof *values);
    assert_non_null(values);
    gd_error error = {""};
    check_ok(
        backend->resample(device, rows, cols, source, source_at, values, target, target.cols * 3, &error),
        error);
    free(source);
    return values;
}

static void check_resample(gd_resample_kind kind, const int64_t from[2], const int64_t to[2])
{
    gd_device *cpu = open_device(&gd_backend_cpu, 0), *reference = open_device(&gd_backend_reference, 0);
    gd_resampler *rows = NULL, *cols = NULL;
    gd_error error = {{0}};
    check_ok(gd_resampler_create(kind, from[0], to[0], &rows, &error), error);
    check_ok(gd_resampler_create(kind, from[1], to[1], &cols, &error), error);
    float *whole = noise(from[0], from[1], 5, 0);
    gd_rect all = {0, 0, to[0], to[1]};
    gd_rect part = {to[0] / 3, to[1] / 5, to[0] / 2, to[1] / 2};
    float *a = resample(&gd_backend_cpu, cpu, rows, cols, whole, all);
    float *b = resample(&gd_backend_reference, reference, rows, cols, whole, all);
    float *c = resample(&gd_backend_cpu, cpu, rows, cols, whole, part);
    for (int64_t i = 0; i < to[0] * to[1] * 3; i++)
        assert_true(fabsf(a[i] - b[i]) <= 2e-6F * 4);
    /* A pixel's bits depend on its coordinates alone. */
    for (int64_t y = 0; y < part.rows; y++)
        assert_memory_equal(c + y * part.cols * 3, a + ((part.y + y) * to[1] + part.x) * 3,
                            (size_t)part.cols * 3 * sizeof(float));
    free(a);
    free(b);
    free(c);
    free(whole);
    gd_resampler_free(rows);
    gd_resampler_free(cols);
    gd_backend_cpu.close(cpu);
    gd_backend_reference.close(reference);
}

static void test_resample(void **state)
{
    (void)state;
    check_resample(GD_RESAMPLE_LANCZOS3, (int64_t[]){97, 131}, (int64_t[]){116, 157});
    check_resample(GD_RESAMPLE_LANCZOS3, (int64_t[]){211, 180}, (int64_t[]){40, 33});
    check_resample(GD_RESAMPLE_LANCZOS3, (int64_t[]){1500, 40}, (int64_t[]){9, 40});
    check_resample(GD_RESAMPLE_BILINEAR, (int64_t[]){97, 131}, (int64_t[]){116, 157});
    check_resample(GD_RESAMPLE_BILINEAR, (int64_t[]){97, 131}, (int64_t[]){50, 300});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_mix),
        cmocka_unit_test(test_resample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
