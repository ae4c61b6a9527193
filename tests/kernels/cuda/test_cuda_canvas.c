/* Arithmetic on the canvas through the backend's table, against the reference; the kernels themselves have
 * tests of their own. */
#include "base/minmax.h"
#include "base/random.h"
#include "image/warp.h"
#include "kernels/cuda/cuda.h"
#include "kernels/side.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const gd_backend *const cuda = &gd_backend_cuda, *const reference = &gd_backend_reference;

typedef struct rig {
    gd_device *device, *judge;
    gd_memory *memory;
} rig;

static int setup(void **state)
{
    gd_error error = {{0}};
    rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    check_ok(cuda->open(&(gd_device_options){0}, &r->device, &error), error);
    check_ok(reference->open(&(gd_device_options){0}, &r->judge, &error), error);
    r->memory = cuda->memory(r->device);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    rig *r = *state;
    cuda->close(r->device);
    reference->close(r->judge);
    free(r);
    return 0;
}

static float *noise(int64_t rows, int64_t cols, uint64_t seed)
{
    float *values = malloc((size_t)(rows * cols * 3) * sizeof *values);
    assert_non_null(values);
    for (int64_t y = 0; y < rows; y++)
        for (int64_t x = 0; x < cols; x++) {
            double rgb[3];
            gd_random_normal3(seed, y, x, rgb);
            for (int c = 0; c < 3; c++)
                values[(y * cols + x) * 3 + c] = (float)rgb[c];
        }
    return values;
}

/* Device memory with a copy of `host`, or never written. */
static float *there(const rig *r, const float *host, int64_t floats)
{
    gd_error error = {{0}};
    void *values = NULL;
    const size_t bytes = (size_t)floats * sizeof(float);
    check_ok(r->memory->class->allocate(r->memory, GD_FOR_PLANES, bytes, &values, &error), error);
    if (host)
        side_bring(r->memory, values, host, bytes);
    return values;
}

/* Waits for what was queued; frees the device's memory. */
static float *back(const rig *r, float *values, int64_t floats)
{
    gd_error error = {{0}};
    float *host = malloc((size_t)floats * sizeof *host);
    assert_non_null(host);
    check_ok(cuda->finish(r->device, &error), error);
    side_fetch(r->memory, host, values, (size_t)floats * sizeof *host);
    gd_memory_release(r->memory, GD_FOR_PLANES, &values);
    return host;
}

static void test_moments(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    enum { ROWS = 61, COLS = 300, WIDE = COLS + 9 };
    float *host = noise(ROWS, WIDE, 3), *values = there(r, host, ROWS * WIDE * 3);
    double ours[2] = {NAN, NAN}, theirs[2], again[2];
    check_ok(cuda->moments(r->device, values + 6, ROWS, COLS, WIDE * 3, ours, &error), error);
    check_ok(cuda->moments(r->device, values + 6, ROWS, COLS, WIDE * 3, again, &error), error);
    check_ok(cuda->finish(r->device, &error), error);
    check_ok(reference->moments(r->judge, host + 6, ROWS, COLS, WIDE * 3, theirs, &error), error);
    assert_memory_equal(ours, again, sizeof ours);
    for (int i = 0; i < 2; i++)
        assert_true(fabs(ours[i] - theirs[i]) <= 1e-12 * theirs[1]);
    free(back(r, values, 1));
    free(host);
}

/* More than the device has places for: each is written, in its own place, and none twice. */
static void test_many_moments(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    enum { COUNT = GD_CUDA_SUMS + 3, ROWS = 9, COLS = 7 };
    float *host = noise(ROWS, COLS, 4), *values = there(r, host, ROWS * COLS * 3);
    double(*sums)[2] = calloc(COUNT, sizeof *sums);
    assert_non_null(sums);
    for (int i = 0; i < COUNT; i++)
        check_ok(cuda->moments(r->device, values + i % (ROWS * COLS) * 3, 1, 1, 3, sums[i], &error), error);
    check_ok(cuda->finish(r->device, &error), error);
    for (int i = 0; i < COUNT; i++) {
        const float *pixel = host + i % (ROWS * COLS) * 3;
        double wanted = 0;
        for (int c = 0; c < 3; c++)
            wanted += pixel[c];
        assert_true(sums[i][0] != 0 && fabs(sums[i][0] - wanted) <= 1e-15);
        sums[i][0] = 0;
    }
    check_ok(cuda->finish(r->device, &error), error);
    for (int i = 0; i < COUNT; i++)
        assert_true(sums[i][0] == 0);
    free(sums);
    free(back(r, values, 1));
    free(host);
}

/* What was queued before an event is there, what came after need not be. */
static void test_events(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    enum { COUNT = 5000 };
    uint64_t event = 0, later = 0;
    double sums[2];
    float *host = noise(1, COUNT, 5), *values = there(r, host, COUNT * 3);
    float *gradient = there(r, host, COUNT * 3), *other = there(r, NULL, COUNT * 3);
    float *moved = malloc(COUNT * 3 * sizeof *moved);
    assert_non_null(moved);
    const gd_rect_copy copy = {other, values, COUNT * 3, COUNT * 3, 1, COUNT * 3};
    check_ok(cuda->update(r->device, values, gradient, COUNT * 3, 0.5F, &error), error);
    check_ok(cuda->record_event(r->device, &event, &error), error);
    check_ok(cuda->moments(r->device, values, 1, COUNT, COUNT * 3, sums, &error), error);
    check_ok(cuda->record_event(r->device, &later, &error), error);
    assert_true(event > 0 && later > event);
    check_ok(cuda->wait_event(r->device, event, &error), error);
    check_ok(r->memory->class->copy(r->memory, &copy, 1, &error), error);
    side_fetch(r->memory, moved, other, COUNT * 3 * sizeof *moved);
    check_ok(cuda->wait_event(r->device, later, &error), error);
    check_ok(cuda->wait_event(r->device, event, &error), error);
    for (int i = 0; i < COUNT * 3; i++)
        assert_true(fabs(moved[i] - fmin(1, fmax(-1, 1.5 * host[i]))) <= 1e-6);
    free(moved);
    free(back(r, values, 1));
    free(back(r, gradient, 1));
    free(back(r, other, 1));
    free(host);
}

static void test_update(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    enum { ROWS = 31, COLS = 77, COUNT = ROWS * COLS * 3 };
    float *host = noise(ROWS, COLS, 1), *gradient = noise(ROWS, COLS, 2);
    float *canvas = there(r, host, COUNT), *step = there(r, gradient, COUNT);
    check_ok(cuda->update(r->device, canvas, step, COUNT, 0.37F, &error), error);
    check_ok(cuda->update(r->device, canvas, step, 0, 0.37F, &error), error);
    check_ok(reference->update(r->judge, host, gradient, COUNT, 0.37F, &error), error);
    float *ours = back(r, canvas, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabsf(ours[i] - host[i]) <= 1e-6F);
    free(back(r, step, 1));
    free(ours);
    free(host);
    free(gradient);
}

static void test_mix(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    enum { ROWS = 31, COLS = 77, WIDE = 90, COUNT = ROWS * WIDE * 3 };
    float *host = noise(ROWS, WIDE, 3), *other = noise(ROWS, COLS, 4);
    float *to = there(r, host, COUNT), *from = there(r, other, ROWS * COLS * 3);
    check_ok(cuda->mix(r->device, to, WIDE * 3, from, COLS * 3, ROWS, COLS * 3, -0.7F, 2.5F, &error), error);
    check_ok(cuda->mix(r->device, to, WIDE * 3, from, COLS * 3, 0, COLS * 3, -0.7F, 2.5F, &error), error);
    float *ours = back(r, to, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const int y = i / (WIDE * 3), x = i % (WIDE * 3);
        const double wanted = x < COLS * 3
                                  ? (double)-0.7F * (double)host[i] + 2.5 * (double)other[y * COLS * 3 + x]
                                  : (double)host[i];
        assert_true(fabs((double)ours[i] - wanted) <= 1e-6);
    }
    free(back(r, from, 1));
    free(ours);
    free(host);
    free(other);
}

/* The gradient of the total variation, in the middle of a canvas and in its corners, against the reference.
 */
static void test_roughness(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    enum { ROWS = 13, COLS = 1040 }; /* several runs of a block */
    const gd_rect parts[] = {{0, 0, ROWS, COLS}, {0, 0, 3, 5}, {7, 11, 3, 700}, {ROWS - 4, COLS - 2, 4, 2}};
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
        const int64_t count = gd_rect_area(parts[p]) * 3;
        const int64_t top = gd_max_i64(0, parts[p].y - 1), left = gd_max_i64(0, parts[p].x - 1);
        const gd_rect all = {top, left, gd_min_i64(ROWS, parts[p].y + parts[p].rows + 1) - top,
                             gd_min_i64(COLS, parts[p].x + parts[p].cols + 1) - left};
        float *host = noise(all.rows, all.cols, 3), *source = there(r, host, gd_rect_area(all) * 3);
        float *target = there(r, NULL, count), *wanted = malloc((size_t)count * sizeof *wanted);
        assert_non_null(wanted);
        check_ok(cuda->roughness(r->device, source, all, (gd_extent){ROWS, COLS}, target, parts[p], &error),
                 error);
        check_ok(reference->roughness(r->judge, host, all, (gd_extent){ROWS, COLS}, wanted, parts[p], &error),
                 error);
        float *ours = back(r, target, count);
        for (int64_t i = 0; i < count; i++)
            assert_true(fabsf(ours[i] - wanted[i]) <= 2e-6F);
        free(ours);
        free(wanted);
        free(back(r, source, 1));
        free(host);
    }
}

/* The dream and its input, with and without its colours; some values lie outside of what a picture shows. */
static void test_blend(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    enum { ROWS = 31, COLS = 77, PIXELS = ROWS * COLS };
    for (int luma = 0; luma < 2; luma++) {
        float *host = noise(ROWS, COLS, 3), *input = noise(ROWS, COLS, 4);
        for (int i = 0; i < PIXELS * 3; i += 7)
            host[i] *= 1.2F;
        float *dream = there(r, host, PIXELS * 3), *other = there(r, input, PIXELS * 3);
        check_ok(cuda->blend(r->device, dream, other, PIXELS, 0.7F, luma, &error), error);
        check_ok(cuda->blend(r->device, dream, other, 0, 0.7F, luma, &error), error);
        for (int i = 0; i < PIXELS * 3; i += 3) { /* the reference, by hand */
            double by[3];
            for (int c = 0; c < 3; c++)
                by[c] = fmin(fmax(host[i + c], -1), 1) - fmin(fmax(input[i + c], -1), 1);
            const double grey = 0.2126 * by[0] + 0.7152 * by[1] + 0.0722 * by[2];
            for (int c = 0; c < 3; c++) {
                const double from = fmin(fmax(input[i + c], -1), 1);
                host[i + c] =
                    (float)(from + (double)0.7F * (fmin(fmax(from + (luma ? grey : by[c]), -1), 1) - from));
            }
        }
        float *ours = back(r, dream, PIXELS * 3);
        for (int i = 0; i < PIXELS * 3; i++)
            assert_true(fabsf(ours[i] - host[i]) <= 1e-6F);
        free(back(r, other, 1));
        free(ours);
        free(host);
        free(input);
    }
}

/* A mask that is black in places, where the gradient is not even a number, against the reference. */
static void test_mask(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    enum {
        ROWS = 310,
        COLS = 1700,
        PIXELS = ROWS * COLS
    }; /* more than all blocks of a launch have threads */
    float *host = noise(ROWS, COLS, 5), *gradient = noise(ROWS, COLS, 6), *input = noise(ROWS, COLS, 7);
    float *shares = noise(1, PIXELS / 3 + 1, 8);
    for (int i = 0; i < PIXELS; i++) {
        shares[i] = shares[i] < 0 ? 0 : fminf(shares[i], 1);
        if (shares[i] == 0)
            gradient[3 * i] = gradient[3 * i + 2] = NAN;
    }
    float *canvas = there(r, host, PIXELS * 3), *step = there(r, gradient, PIXELS * 3);
    float *other = there(r, input, PIXELS * 3), *mask = there(r, shares, PIXELS);
    const int64_t counts[] = {1, 255, 65536, PIXELS};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        double ours[2] = {NAN, NAN}, theirs[2];
        check_ok(cuda->mask_moments(r->device, step, mask, counts[k], ours, &error), error);
        check_ok(cuda->finish(r->device, &error), error);
        check_ok(reference->mask_moments(r->judge, gradient, shares, counts[k], theirs, &error), error);
        for (int i = 0; i < 2; i++) /* another order of sums in double */
            assert_true(fabs(ours[i] - theirs[i]) <= 1e-12 * theirs[1] + 1e-300);
    }
    check_ok(cuda->mask_update(r->device, canvas, step, mask, PIXELS, 0.37, &error), error);
    check_ok(cuda->mask_keep(r->device, canvas, other, mask, PIXELS, &error), error);
    check_ok(cuda->mask_update(r->device, canvas, step, mask, 0, 0.37, &error), error);
    check_ok(reference->mask_update(r->judge, host, gradient, shares, PIXELS, 0.37, &error), error);
    check_ok(reference->mask_keep(r->judge, host, input, shares, PIXELS, &error), error);
    float *ours = back(r, canvas, PIXELS * 3);
    for (int i = 0; i < PIXELS * 3; i++) /* a multiplication and an addition may be one on the device */
        assert_true(fabsf(ours[i] - host[i]) <= 1.2e-7F && (shares[i / 3] > 0 || ours[i] == input[i]));
    check_ok(cuda->mask_keep(r->device, step, NULL, mask, PIXELS, &error), error);
    float *cleared = back(r, step, PIXELS * 3);
    for (int i = 0; i < PIXELS * 3; i++)
        assert_true(cleared[i] == (shares[i / 3] > 0 ? gradient[i] : 0));
    free(cleared);
    free(back(r, other, 1));
    free(back(r, mask, 1));
    free(ours);
    free(host);
    free(gradient);
    free(input);
    free(shares);
}

/* Extents from and to, rows and cols. */
typedef struct turn {
    gd_resample_kind kind;
    int64_t from[2], to[2];
    gd_rect part; /* of the target */
} turn;

static void check_resample(const rig *r, const turn *t)
{
    gd_error error = {{0}};
    gd_resampler *rows = NULL, *cols = NULL;
    check_ok(gd_resampler_create(t->kind, t->from[0], t->to[0], &rows, &error), error);
    check_ok(gd_resampler_create(t->kind, t->from[1], t->to[1], &cols, &error), error);
    int64_t top, bottom, left, right;
    gd_resampler_support(rows, t->part.y, t->part.rows, &top, &bottom);
    gd_resampler_support(cols, t->part.x, t->part.cols, &left, &right);
    const gd_rect at = {top, left, bottom - top, right - left};
    const int64_t count = t->part.rows * t->part.cols * 3;
    float *host = noise(at.rows, at.cols, 5), *wanted = malloc((size_t)count * sizeof *wanted);
    assert_non_null(wanted);
    float *source = there(r, host, at.rows * at.cols * 3), *target = there(r, NULL, count);
    check_ok(cuda->resample(r->device, rows, cols, source, at, target, t->part, t->part.cols * 3, &error),
             error);
    check_ok(reference->resample(r->judge, rows, cols, host, at, wanted, t->part, t->part.cols * 3, &error),
             error);
    float *ours = back(r, target, count);
    for (int64_t i = 0; i < count; i++)
        assert_true(fabsf(ours[i] - wanted[i]) <= 1e-5F);
    free(back(r, source, 1));
    free(ours);
    free(host);
    free(wanted);
    gd_resampler_free(rows);
    gd_resampler_free(cols);
}

/* Enlarging, shrinking, a part, and weights that need more than one block of the feed: with so many taps a
 * block holds few targets. */
static void test_resample(void **state)
{
    static const turn turns[] = {
        {GD_RESAMPLE_LANCZOS3, {41, 57}, {53, 71}, {0, 0, 53, 71}},
        {GD_RESAMPLE_LANCZOS3, {97, 131}, {40, 33}, {3, 5, 30, 20}},
        {GD_RESAMPLE_BILINEAR, {41, 57}, {50, 90}, {10, 0, 40, 90}},
        {GD_RESAMPLE_LANCZOS3, {2, 90000}, {2, 45}, {0, 0, 2, 45}},
        {GD_RESAMPLE_LANCZOS3, {90000, 1}, {40, 1}, {0, 0, 40, 1}},
    };
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
        check_resample(*state, &turns[i]);
}

static void test_too_many_taps(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    gd_resampler *rows = NULL, *cols = NULL;
    check_ok(gd_resampler_create(GD_RESAMPLE_LANCZOS3, 300000, 1, &rows, &error), error);
    check_ok(gd_resampler_create(GD_RESAMPLE_LANCZOS3, 1, 1, &cols, &error), error);
    const gd_rect at = {0, 0, 300000, 1}, to = {0, 0, 1, 1};
    float *source = there(r, NULL, 900000), *target = there(r, NULL, 3);
    assert_int_equal(cuda->resample(r->device, rows, cols, source, at, target, to, 3, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "300000"));
    gd_memory_release(r->memory, GD_FOR_PLANES, &source);
    gd_memory_release(r->memory, GD_FOR_PLANES, &target);
    gd_resampler_free(rows);
    gd_resampler_free(cols);
}

/* A rectangle's noise is that of the whole; 8 bits of it are in range. */
static void test_noise(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    const gd_rect all = {0, 0, 40, 50}, part = {7, 9, 11, 13};
    float *values = there(r, NULL, 40 * 50 * 3), *small = there(r, NULL, 11 * 13 * 3),
          *bytes = there(r, NULL, 1500);
    check_ok(cuda->noise(r->device, 9, all, 0.25, values, &error), error);
    check_ok(cuda->noise(r->device, 9, part, 0.25, small, &error), error);
    check_ok(cuda->samples(r->device, values, 40 * 50 * 3, 8, bytes, &error), error);
    check_ok(cuda->samples(r->device, values, 0, 8, bytes, &error), error);
    float *whole = back(r, values, 40 * 50 * 3), *cut = back(r, small, 11 * 13 * 3),
          *raw = back(r, bytes, 1500);
    for (int y = 0; y < 11; y++)
        assert_memory_equal(cut + y * 39, whole + ((y + 7) * 50 + 9) * 3, 39 * sizeof *cut);
    double mean = 0;
    for (int i = 0; i < 6000; i++)
        mean += ((const uint8_t *)raw)[i] / 6000.0;
    assert_true(fabs(mean - 127.5) < 2);
    free(whole);
    free(cut);
    free(raw);
}

/* A rectangle of a canvas that is turned, enlarged and moved beyond an edge, and offsets of each pixel. */
static void check_warp(const rig *r, bool offsets)
{
    gd_error error = {{0}};
    const gd_extent all = {61, 90};
    const gd_rect at = {3, 20, 50, 70};
    gd_warp warp = gd_warp_of(&(gd_motion){1.1, 12, -30, 4}, all);
    warp.offsets = offsets ? (gd_offsets){-9, 9, -9, 9} : (gd_offsets){0};
    const gd_rect source_at = gd_warp_source(&warp, at);
    enum { WIDE = 75, COUNT = 50 * WIDE * 3 };
    float *host = noise(source_at.rows, source_at.cols, 8), *clean = noise(50, WIDE, 9);
    float *wanted = noise(50, WIDE, 9), *moved = offsets ? noise(50, WIDE, 11) : NULL;
    float *source = there(r, host, gd_rect_area(source_at) * 3), *target = there(r, clean, COUNT);
    float *own = offsets ? there(r, moved, COUNT) : NULL;
    check_ok(cuda->warp(r->device, &warp, own, source, source_at, target, at, WIDE * 3, &error), error);
    check_ok(reference->warp(r->judge, &warp, moved, host, source_at, wanted, at, WIDE * 3, &error), error);
    float *ours = back(r, target, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabsf(ours[i] - wanted[i]) <= 1e-6F);
    free(back(r, source, 1));
    if (own)
        free(back(r, own, 1));
    free(moved);
    free(ours);
    free(wanted);
    free(clean);
    free(host);
}

static void test_warp(void **state)
{
    check_warp(*state, false);
    check_warp(*state, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_moments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_moments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_update, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mix, setup, teardown),
        cmocka_unit_test_setup_teardown(test_roughness, setup, teardown),
        cmocka_unit_test_setup_teardown(test_blend, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mask, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resample, setup, teardown),
        cmocka_unit_test_setup_teardown(test_warp, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_taps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_noise, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
