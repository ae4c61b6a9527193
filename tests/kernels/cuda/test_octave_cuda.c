/* What starts an octave: resampling and noise, against plain loops and the host's random numbers. */
#include "base/random.h"
#include "case.h"
#include "image/resample.h"

#include <math.h>
#include <stdlib.h>

/* A run of targets of one axis, and the source samples that they read. */
typedef struct axis {
    gd_resampler *resampler; /* owned */
    int64_t begin, count;    /* targets */
    int64_t source, sources; /* the rectangle's first sample, and how many there are */
    int32_t *first;          /* owned; on the device */
    float *weights;          /* owned; on the device */
} axis;

static axis make_axis(cudaStream_t stream, gd_resample_kind kind, int64_t source, int64_t target,
                      int64_t begin, int64_t count)
{
    axis a = {.begin = begin, .count = count};
    gd_error error = {""};
    int64_t end = 0;
    check_ok(gd_resampler_create(kind, source, target, &a.resampler, &error), error);
    gd_resampler_support(a.resampler, begin, count, &a.source, &end);
    a.sources = end - a.source;
    int32_t *first = case_memory((size_t)count * sizeof *first);
    for (int64_t i = 0; i < count; i++)
        first[i] = (int32_t)(a.resampler->first[begin + i] - a.source);
    const size_t taps = (size_t)a.resampler->taps;
    a.first = case_bring(stream, first, (size_t)count * sizeof *first);
    a.weights =
        case_bring(stream, a.resampler->weights + (size_t)begin * taps, (size_t)count * taps * sizeof(float));
    free(first);
    return a;
}

static void free_axis(axis *a)
{
    gd_resampler_free(a->resampler);
    case_drop(a->first);
    case_drop(a->weights);
}

static gd_cuda_axis axis_of(const axis *a)
{
    return (gd_cuda_axis){a->first, a->weights, a->resampler->taps};
}

/* Tap k of target i: its weight, and its place in the source rectangle. */
static double tap(const axis *a, int64_t i, int32_t k, int64_t *at)
{
    *at = a->resampler->first[a->begin + i] + k - a->source;
    return a->resampler->weights[(a->begin + i) * a->resampler->taps + k];
}

static double resampled(const axis *rows, const axis *cols, const float *source, int64_t y, int64_t x, int c)
{
    double sum = 0;
    for (int32_t r = 0; r < rows->resampler->taps; r++) {
        int64_t row, col;
        const double row_weight = tap(rows, y, r, &row);
        double across = 0;
        for (int32_t k = 0; k < cols->resampler->taps; k++) {
            const double weight = tap(cols, x, k, &col);
            if (weight != 0 && row_weight != 0)
                across += weight * (double)source[(row * cols->sources + col) * 3 + c];
        }
        sum += row_weight * across;
    }
    return sum;
}

static void check_resample(cudaStream_t stream, axis rows, axis cols, case_random *random)
{
    const int64_t stride = cols.count * 3 + 5, floats = rows.sources * cols.sources * 3;
    const size_t bytes = (size_t)(rows.count * stride) * sizeof(float);
    float *source = case_memory((size_t)floats * sizeof *source), *target = case_memory(bytes);
    for (int64_t i = 0; i < floats; i++)
        source[i] = case_number(random);
    for (int64_t i = 0; i < rows.count * stride; i++)
        target[i] = 7;
    float *device_source = case_bring(stream, source, (size_t)floats * sizeof *source);
    float *device = case_bring(stream, target, bytes);
    check_cuda(gd_launch_resample(axis_of(&rows), axis_of(&cols), device_source, rows.sources, cols.sources,
                                  device, rows.count, cols.count, stride, stream));
    case_fetch(stream, target, device, bytes);
    for (int64_t y = 0; y < rows.count; y++)
        for (int64_t i = 0; i < stride; i++) {
            const double wanted =
                i < cols.count * 3 ? resampled(&rows, &cols, source, y, i / 3, (int)(i % 3)) : 7;
            assert_true(fabs(target[y * stride + i] - wanted) <= 0x1p-24 * fmax(1, fabs(wanted)) + 1e-12);
        }
    case_drop(device);
    case_drop(device_source);
    free(target);
    free(source);
    free_axis(&rows);
    free_axis(&cols);
}

/* Larger, smaller, the same; whole axes and parts of them. */
static void test_resample(void **state)
{
    const gd_resample_kind lanczos = GD_RESAMPLE_LANCZOS3, bilinear = GD_RESAMPLE_BILINEAR;
    case_random random = 1;
    cudaStream_t s = *state;
    check_resample(s, make_axis(s, lanczos, 1, 1, 0, 1), make_axis(s, lanczos, 1, 3, 0, 3), &random);
    check_resample(s, make_axis(s, lanczos, 20, 28, 0, 28), make_axis(s, lanczos, 31, 43, 0, 43), &random);
    check_resample(s, make_axis(s, lanczos, 28, 20, 0, 20), make_axis(s, lanczos, 43, 31, 0, 31), &random);
    check_resample(s, make_axis(s, lanczos, 300, 420, 100, 17), make_axis(s, lanczos, 400, 560, 3, 5),
                   &random);
    check_resample(s, make_axis(s, lanczos, 100, 10, 4, 5), make_axis(s, lanczos, 50, 50, 20, 30), &random);
    check_resample(s, make_axis(s, bilinear, 30, 42, 5, 35), make_axis(s, bilinear, 300, 420, 120, 300),
                   &random);
}

/* Taps of weight 0 that lie beside the source, where there are no numbers. */
static void test_taps_beside(void **state)
{
    enum { SIDE = 3, AROUND = 4 * SIDE * 3 };
    const int32_t first[SIDE] = {-1, 0, 1};
    const float weights[SIDE * 3] = {0, 0.5F, 0.5F, 0.25F, 0.5F, 0.25F, 0.5F, 0.5F, 0};
    float source[AROUND + SIDE * SIDE * 3 + AROUND], got[SIDE * SIDE * 3];
    for (int i = 0; i < AROUND + SIDE * SIDE * 3 + AROUND; i++)
        source[i] = i >= AROUND && i < AROUND + SIDE * SIDE * 3 ? 1 : NAN;
    float *device_source = case_bring(*state, source, sizeof source),
          *device = case_bring(*state, NULL, sizeof got);
    const gd_cuda_axis a = {case_bring(*state, first, sizeof first),
                            case_bring(*state, weights, sizeof weights), 3};
    check_cuda(
        gd_launch_resample(a, a, device_source + AROUND, SIDE, SIDE, device, SIDE, SIDE, SIDE * 3, *state));
    case_fetch(*state, got, device, sizeof got);
    for (int i = 0; i < SIDE * SIDE * 3; i++)
        assert_true(got[i] == 1);
    case_drop((void *)a.first);
    case_drop((void *)a.weights);
    case_drop(device);
    case_drop(device_source);
}

/* clip(deviation * normal) to a unit in the last place of a float. */
static void check_noise(cudaStream_t stream, uint64_t seed, int64_t y, int64_t x, int64_t rows, int64_t cols,
                        double deviation)
{
    const size_t bytes = (size_t)(rows * cols * 3) * sizeof(float);
    float *got = case_memory(bytes), *values = case_bring(stream, NULL, bytes);
    check_cuda(gd_launch_noise(seed, y, x, rows, cols, deviation, values, stream));
    case_fetch(stream, got, values, bytes);
    for (int64_t i = 0; i < rows * cols; i++) {
        double normal[3];
        gd_random_normal3(seed, y + i / cols, x + i % cols, normal);
        for (int c = 0; c < 3; c++) {
            const double wanted = fmax(-1, fmin(1, deviation * normal[c]));
            assert_true(fabs(got[i * 3 + c] - wanted) <= 0x1p-24 * fabs(wanted) + 1e-15);
        }
    }
    case_drop(values);
    free(got);
}

static void test_noise(void **state)
{
    check_noise(*state, 1, 0, 0, 1, 1, 0.25);
    check_noise(*state, 0x123456789abcdefu, 5, 7, 2, 3, 0.25);
    check_noise(*state, 42, 99999990, 99999000, 17, 5, 0.25);
    check_noise(*state, 42, 1000, 0, 35, 300, 1); /* which clips often */
}

static void test_nothing(void **state)
{
    const gd_cuda_axis none = {NULL, NULL, 1};
    check_cuda(gd_launch_resample(none, none, NULL, 0, 0, NULL, 0, 5, 15, *state));
    check_cuda(gd_launch_resample(none, none, NULL, 0, 0, NULL, 5, 0, 15, *state));
    check_cuda(gd_launch_noise(1, 0, 0, 0, 9, 0.25, NULL, *state));
    check_cuda(cudaStreamSynchronize(*state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resample),
        cmocka_unit_test(test_taps_beside),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, case_open, case_close);
}
