/* What works on pixels: rectangles, moments, update and samples, against plain loops. */
#include "case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A rectangle to copy, as places in two fields of floats. */
typedef struct place {
    int64_t to, from, to_stride, from_stride, rows, floats;
} place;

static float *make_field(int64_t count, case_random *random)
{
    float *field = case_memory((size_t)count * sizeof *field);
    for (int64_t i = 0; i < count; i++)
        field[i] = case_number(random);
    return field;
}

/* Copies `count` places from one field of `size` floats to another, and compares both. */
static void check_rects(cudaStream_t stream, const place *places, int64_t count, int64_t size,
                        case_random *random)
{
    const size_t bytes = (size_t)size * sizeof(float), list_bytes = (size_t)count * sizeof(gd_cuda_rect);
    float *from = make_field(size, random), *to = make_field(size, random), *got = case_memory(bytes);
    float *device_from = case_bring(stream, from, bytes), *device_to = case_bring(stream, to, bytes);
    gd_cuda_rect *list = case_memory(list_bytes);
    int64_t largest = 0;
    for (int64_t i = 0; i < count; i++) {
        const place *p = &places[i];
        list[i] = (gd_cuda_rect){
            device_to + p->to, device_from + p->from, p->to_stride, p->from_stride, p->rows, p->floats};
        largest = p->rows * p->floats > largest ? p->rows * p->floats : largest;
        for (int64_t y = 0; y < p->rows; y++)
            memcpy(to + p->to + y * p->to_stride, from + p->from + y * p->from_stride,
                   (size_t)p->floats * sizeof *to);
    }
    gd_cuda_rect *rects = case_bring(stream, list, list_bytes);
    check_cuda(gd_launch_rects(rects, count, largest, stream));
    case_fetch(stream, got, device_to, bytes);
    assert_memory_equal(got, to, bytes);
    case_drop(rects);
    case_drop(device_from);
    case_drop(device_to);
    free(list);
    free(got);
    free(to);
    free(from);
}

/* Sides aligned alike, differently, and not at all; rows shorter than an access, and longer than a piece. */
static void test_rects(void **state)
{
    const place places[] = {
        {0, 0, 1600, 1500, 7, 1500},      {12003, 12007, 1203, 1207, 5, 1200}, {18100, 18101, 40, 44, 9, 33},
        {19000, 19002, 3, 6, 50, 3},      {19401, 19401, 9, 9, 11, 1},         {20001, 20005, 4, 8, 6, 2},
        {20100, 20100, 512, 512, 2, 512}, {21501, 21501, 513, 513, 2, 513},    {23000, 23000, 10, 10, 0, 10},
        {23000, 23000, 10, 10, 4, 0},     {23001, 23000, 0, 0, 1, 4000},       {28002, 28006, 7, 5, 3, 5},
    };
    case_random random = 1;
    check_rects(*state, places, sizeof places / sizeof *places, 30000, &random);
}

static void test_one_rect(void **state)
{
    case_random random = 2;
    for (int64_t shift = 0; shift < 4; shift++) {
        const place one = {8 + shift, 4 * shift, 600, 601, 37, 97 + shift};
        check_rects(*state, &one, 1, 24000, &random);
    }
}

/* As a window is brought: many rectangles in one launch. */
static void test_many_rects(void **state)
{
    enum { COUNT = 700, APART = 40 };
    case_random random = 3;
    place *places = case_memory(COUNT * sizeof *places);
    for (int64_t i = 0; i < COUNT; i++)
        places[i] = (place){i * APART + i % 5, i * APART + i % 3, 11, 12, 1 + i % 3, i % 11};
    check_rects(*state, places, COUNT, COUNT * APART, &random);
    free(places);
}

typedef struct moments_case {
    int64_t rows, cols, stride;
} moments_case;

static void moments_of(cudaStream_t stream, const float *field, const moments_case *m, double got[2])
{
    const size_t bytes = (size_t)(m->rows * m->stride) * sizeof *field;
    float *gradient = case_bring(stream, field, bytes);
    double *partial = case_bring(stream, NULL, gd_moments_scratch_bytes());
    double *sums = case_bring(stream, NULL, 2 * sizeof *sums);
    check_cuda(gd_launch_moments(gradient, m->rows, m->cols, m->stride, partial, sums, stream));
    case_fetch(stream, got, sums, 2 * sizeof *sums);
    case_drop(gradient);
    case_drop(partial);
    case_drop(sums);
}

/* Sums of small whole numbers have no rounding: any order gives the same. */
static void test_moments(void **state)
{
    const moments_case cases[] = {{1, 1, 3},    {2, 3, 9},       {17, 5, 20}, {35, 35, 107}, {1, 2000, 6000},
                                  {1500, 1, 4}, {2, 1366, 5000}, {0, 4, 12},  {3, 0, 1}};
    case_random random = 4;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const moments_case *m = &cases[i];
        float *field = make_field(m->rows * m->stride, &random);
        double got[2] = {NAN, NAN}, wanted[2] = {0, 0};
        for (int64_t at = 0; at < m->rows * m->stride; at++) {
            if (at % m->stride >= m->cols * 3)
                continue;
            wanted[0] += field[at];
            wanted[1] += (double)field[at] * field[at];
        }
        moments_of(*state, field, m, got);
        assert_true(got[0] == wanted[0] && got[1] == wanted[1]);
        free(field);
    }
}

/* A field of many magnitudes, whose sums do round. */
static float rough(int64_t y, int64_t i)
{
    case_random random = (uint64_t)(y * 100003 + i);
    const float number = (float)case_draw(&random) * 0x1p-31F - 0.99F;
    return ldexpf(number, -(int)(case_draw(&random) % 50));
}

/* The order is a part of the result: these very bits on every device, with any stride. */
static void test_moments_bits(void **state)
{
    const int64_t rows = 211, cols = 701;
    for (int64_t stride = cols * 3; stride < cols * 3 + 3; stride++) {
        const moments_case m = {rows, cols, stride};
        float *field = case_memory((size_t)(rows * stride) * sizeof *field);
        double got[2] = {NAN, NAN};
        for (int64_t at = 0; at < rows * stride; at++)
            field[at] = rough(at / stride, at % stride);
        moments_of(*state, field, &m, got);
        if (got[0] != 0x1.77285c375f98ep+7 || got[1] != 0x1.ecc54fc3c430ap+11)
            fail_msg("sums %a and %a", got[0], got[1]);
        free(field);
    }
}

/* A count of floats, and how far both sides are from an alignment to 16 bytes. */
static void check_update(cudaStream_t stream, int64_t count, int64_t canvas_off, int64_t gradient_off,
                         case_random *random)
{
    const float step = 0.7F;
    const size_t canvas_bytes = (size_t)(canvas_off + count + 1) * sizeof(float);
    float *canvas = make_field(canvas_off + count + 1, random), *got = case_memory(canvas_bytes);
    float *gradient = make_field(gradient_off + count, random);
    float *device = case_bring(stream, canvas, canvas_bytes);
    float *device_gradient = case_bring(stream, gradient, (size_t)(gradient_off + count) * sizeof(float));
    check_cuda(gd_launch_update(device + canvas_off, device_gradient + gradient_off, count, step, stream));
    case_fetch(stream, got, device, canvas_bytes);
    for (int64_t i = 0; i < count; i++) {
        const double moved = canvas[canvas_off + i] + (double)step * gradient[gradient_off + i];
        const double wanted = moved < -1 ? -1 : moved > 1 ? 1 : moved;
        assert_true(fabs(got[canvas_off + i] - wanted) <= 0x1p-24);
    }
    for (int64_t i = 0; i < canvas_off; i++)
        assert_true(got[i] == canvas[i]);
    assert_true(got[canvas_off + count] == canvas[canvas_off + count]);
    case_drop(device);
    case_drop(device_gradient);
    free(gradient);
    free(got);
    free(canvas);
}

static void test_update(void **state)
{
    const int64_t counts[] = {0, 1, 3, 4, 5, 1023, 1024, 1025, 4099};
    case_random random = 5;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        check_update(*state, counts[i], 0, 0, &random);
        check_update(*state, counts[i], 4, 8, &random);
        check_update(*state, counts[i], 1, 0, &random);
        check_update(*state, counts[i], 3, 3, &random);
    }
}

/* A gradient that is no number shows. */
static void test_update_of_nothing(void **state)
{
    const float canvas[4] = {0.5F, 0.5F, 0.5F, 0.5F}, gradient[4] = {NAN, INFINITY, -INFINITY, 0};
    float got[4];
    float *device = case_bring(*state, canvas, sizeof canvas);
    float *device_gradient = case_bring(*state, gradient, sizeof gradient);
    check_cuda(gd_launch_update(device, device_gradient, 4, 1, *state));
    case_fetch(*state, got, device, sizeof got);
    assert_true(isnan(got[0]) && got[1] == 1 && got[2] == -1 && got[3] == 0.5F);
    case_drop(device);
    case_drop(device_gradient);
}

static int sample_of(float value, int top)
{
    const double nearest = floor(((double)value + 1) * 0.5 * top + 0.5);
    return nearest > top ? top : nearest > 0 ? (int)nearest : 0;
}

static void check_samples(cudaStream_t stream, const float *values, int64_t count, int32_t bits, int64_t off)
{
    const size_t size = (size_t)bits / 8, bytes = (size_t)(off + count + 1) * size;
    unsigned char *got = case_memory(bytes);
    memset(got, 0xa5, bytes);
    float *device = case_bring(stream, values, (size_t)count * sizeof *values);
    unsigned char *samples = case_bring(stream, got, bytes);
    check_cuda(gd_launch_samples(device, count, bits, samples + (size_t)off * size, stream));
    case_fetch(stream, got, samples, bytes);
    for (int64_t i = 0; i < count; i++) {
        const unsigned char *at = got + (size_t)(off + i) * size;
        uint16_t word = *at;
        if (bits == 16)
            memcpy(&word, at, sizeof word);
        if (word != sample_of(values[i], bits == 8 ? 255 : 65535))
            fail_msg("%a became %d in %d bits", (double)values[i], word, (int)bits);
    }
    for (size_t i = 0; i < size; i++)
        assert_true(got[bytes - 1 - i] == 0xa5);
    for (size_t i = 0; i < (size_t)off * size; i++)
        assert_true(got[i] == 0xa5);
    case_drop(device);
    case_drop(samples);
    free(got);
}

/* Around every border between two samples. */
static void test_samples(void **state)
{
    for (int bits = 8; bits <= 16; bits += 8) {
        const int top = (1 << bits) - 1;
        const int64_t count = 3 * (int64_t)top;
        float *values = case_memory((size_t)count * sizeof *values);
        for (int64_t i = 0; i < top; i++) {
            const float border = (float)((2.0 * (double)i + 1) / top - 1);
            values[i * 3] = nextafterf(border, -2);
            values[i * 3 + 1] = border;
            values[i * 3 + 2] = nextafterf(border, 2);
        }
        check_samples(*state, values, count, bits, 0);
        free(values);
    }
}

static void test_samples_beyond(void **state)
{
    const float values[] = {-1,       1,         -1.5F,  1.5F,    0,     -0.0F, NAN,
                            INFINITY, -INFINITY, 1e-20F, -1e-20F, 0.25F, -1e30F};
    for (int bits = 8; bits <= 16; bits += 8)
        for (int64_t count = 0; count <= 13; count++)
            for (int64_t off = 0; off < 5; off += 2 - off % 2)
                check_samples(*state, values, count, bits, off);
    assert_int_equal(gd_launch_samples(NULL, 1, 12, NULL, *state), cudaErrorInvalidValue);
}

static void test_nothing(void **state)
{
    check_cuda(gd_launch_rects(NULL, 0, 0, *state));
    check_cuda(gd_launch_rects(NULL, 5, 0, *state));
    check_cuda(gd_launch_update(NULL, NULL, 0, 1, *state));
    check_cuda(gd_launch_samples(NULL, 0, 8, NULL, *state));
    check_cuda(cudaStreamSynchronize(*state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rects),
        cmocka_unit_test(test_one_rect),
        cmocka_unit_test(test_many_rects),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_moments_bits),
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_update_of_nothing),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_samples_beyond),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, case_open, case_close);
}
