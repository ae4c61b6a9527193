/* What is done unit by unit: input, output, masks, sums and seeds, against plain loops. */
#include "base/philox.h"
#include "case.h"

#include <math.h>
#include <stdlib.h>

typedef struct extent {
    int32_t rows, cols, channels;
} extent;

/* The last has rows of several blocks. */
static const extent extents[] = {{1, 1, 16}, {2, 3, 32}, {17, 5, 48}, {35, 35, 64}, {2, 1037, 16}};
enum { EXTENTS = sizeof extents / sizeof *extents };

static float *make_floats(int64_t count, case_random *random)
{
    float *floats = case_memory((size_t)count * sizeof *floats);
    for (int64_t i = 0; i < count; i++)
        floats[i] = case_number(random) * 1.01F; /* more bits than the short types have */
    return floats;
}

static void check_input(cudaStream_t stream, gd_cuda_type type, extent e, case_random *random)
{
    static const float shift[] = {0.25F, -0.5F, 0};
    const int32_t line = e.cols + 3; /* the window is wider than what is read of it */
    const int64_t pixels = (int64_t)e.rows * e.cols, floats = (int64_t)e.rows * line * 3;
    float *window = make_floats(floats, random);
    float *wanted = case_memory((size_t)pixels * 8 * sizeof *wanted);
    for (int64_t i = 0; i < pixels * 8; i++)
        wanted[i] = i % 8 < 3
                        ? case_rounded(type, window[(i / 8 / e.cols * line + i / 8 % e.cols) * 3 + i % 8] +
                                                 shift[i % 8])
                        : 0;
    float *device = case_bring(stream, window, (size_t)floats * sizeof *window);
    case_tensor dst = case_tensor_make(stream, type, e.rows, e.cols, 8, 8, 24, random);
    case_tensor_spoil(stream, &dst);
    check_cuda(gd_launch_input(type, device, line, 0.25F, -0.5F, 0, case_tensor_slice(&dst), stream));
    case_tensor_check(stream, &dst, wanted, 0);
    case_tensor_free(&dst);
    case_drop(device);
    free(wanted);
    free(window);
}

static void test_input(void **state)
{
    case_random random = 1;
    for (int type = 0; type < CASE_TYPES; type++)
        for (int e = 0; e < EXTENTS; e++)
            check_input(*state, type, extents[e], &random);
}

/* Puts `planted` (if it is no ordinary number) at the last pixel's `channel`. */
static void check_output(cudaStream_t stream, gd_cuda_type type, extent e, float planted, int32_t channel,
                         case_random *random)
{
    const float scale = 0.37F;
    const int32_t zero = 0;
    const int32_t row = e.rows / 3, col = e.cols / 4, rows = e.rows - row, cols = e.cols - col;
    const int64_t pixels = (int64_t)e.rows * e.cols, written = (int64_t)rows * cols;
    const size_t bytes = (size_t)written * 3 * sizeof(float);
    case_tensor src = case_tensor_make(stream, type, e.rows, e.cols, 8, 16, 32, random);
    if (!isfinite(planted))
        case_put(type, src.host, (pixels - 1) * 32 + 16 + channel, planted);
    case_write(stream, src.device, src.host, (size_t)pixels * 32 * case_bytes(type));
    float *values = case_tensor_floats(&src), *got = case_memory(bytes);
    float *gradient = case_bring(stream, NULL, bytes);
    int32_t *overflow = case_bring(stream, &zero, sizeof zero), flag = -1;
    gd_cuda_slice part = case_tensor_slice(&src);
    part.values = (char *)part.values +
                  ((size_t)row * (size_t)part.line + (size_t)col) * (size_t)part.pitch * case_bytes(type);
    part.rows = rows;
    part.cols = cols;
    check_cuda(gd_launch_output(type, part, scale, gradient, overflow, stream));
    case_fetch(stream, got, gradient, bytes);
    case_fetch(stream, &flag, overflow, sizeof flag);
    for (int64_t i = 0; i < written * 3; i++) {
        const int64_t from = (row + i / 3 / cols) * e.cols + col + i / 3 % cols;
        const float wanted = values[from * 8 + i % 3] * scale;
        assert_true(got[i] == wanted || (isnan(got[i]) && isnan(wanted)));
    }
    assert_int_equal(flag, !isfinite(planted) && channel < 3);
    free(values);
    free(got);
    case_drop(gradient);
    case_drop(overflow);
    case_tensor_free(&src);
}

static void test_output(void **state)
{
    case_random random = 2;
    for (int type = 0; type < CASE_TYPES; type++) {
        for (int e = 0; e < EXTENTS; e++)
            check_output(*state, type, extents[e], 0, 0, &random);
        check_output(*state, type, extents[1], NAN, 0, &random);
        check_output(*state, type, extents[2], INFINITY, 1, &random);
        check_output(*state, type, extents[3], -INFINITY, 2, &random);
        check_output(*state, type, extents[2], NAN, 3, &random); /* no channel of the picture */
    }
}

/* One that was set stays set. */
static void test_overflow_stays(void **state)
{
    case_random random = 3;
    const int32_t one = 1;
    int32_t flag = 0;
    case_tensor src = case_tensor_make(*state, GD_CUDA_F16, 2, 2, 8, 0, 8, &random);
    float *gradient = case_bring(*state, NULL, 12 * sizeof *gradient);
    int32_t *overflow = case_bring(*state, &one, sizeof one);
    check_cuda(gd_launch_output(GD_CUDA_F16, case_tensor_slice(&src), 1, gradient, overflow, *state));
    case_fetch(*state, &flag, overflow, sizeof flag);
    assert_int_equal(flag, 1);
    case_drop(gradient);
    case_drop(overflow);
    case_tensor_free(&src);
}

/* Puts `planted` (if it is no ordinary number) at the last pixel's last channel. */
static void check_mask_of(cudaStream_t stream, gd_cuda_type type, extent e, float planted,
                          case_random *random)
{
    const int32_t pitch = e.channels + 32;
    case_tensor src = case_tensor_make(stream, type, e.rows, e.cols, e.channels, 16, pitch, random);
    const int64_t pixels = (int64_t)e.rows * e.cols;
    if (!isfinite(planted))
        case_put(type, src.host, (pixels - 1) * pitch + 16 + e.channels - 1, planted);
    case_write(stream, src.device, src.host, (size_t)pixels * (size_t)pitch * case_bytes(type));
    case_mask mask = case_mask_make(stream, e.rows, e.cols, e.channels, 1, e.channels / 16 + 3, random);
    float *values = case_tensor_floats(&src);
    const int32_t zero = 0;
    int32_t *overflow = case_bring(stream, &zero, sizeof zero), flag = -1;
    gd_cuda_seam seam = {
        .src = case_tensor_slice(&src), .dst = case_tensor_slice(&src), .mask = case_mask_of(&mask)};
    seam.dst.values = NULL; /* the mask alone */
    check_cuda(gd_launch_seams(type, &seam, 1, overflow, stream));
    case_mask_check(stream, &mask, values);
    case_fetch(stream, &flag, overflow, sizeof flag);
    assert_int_equal(flag, !isfinite(planted));
    case_drop(overflow);
    free(values);
    case_mask_free(&mask);
    case_tensor_free(&src);
}

static void test_mask_of(void **state)
{
    case_random random = 4;
    for (int type = 0; type < CASE_TYPES; type++) {
        for (int e = 0; e < EXTENTS; e++)
            check_mask_of(*state, type, extents[e], 0, &random);
        check_mask_of(*state, type, extents[1], INFINITY, &random);
        check_mask_of(*state, type, extents[2], NAN, &random);
    }
}

/* Which of the ways of a sum. */
typedef struct way {
    bool seed, accumulate, masked;
} way;

static float summed(gd_cuda_type type, way w, float added, float before)
{
    return case_rounded(type, w.accumulate ? before + added : added);
}

/* A mask for the upper part of the channels; a whole one where there are 16 only. */
static void check_combine(cudaStream_t stream, gd_cuda_type type, extent e, way w, case_random *random)
{
    const float seed = 0.3F;
    const int32_t mask_at = e.channels > 16 ? 16 : 0,
                  mask_channels = e.channels > 32 ? 16 : e.channels - mask_at;
    case_tensor src = case_tensor_make(stream, type, e.rows, e.cols, e.channels, 8, e.channels + 8, random);
    case_tensor dst = case_tensor_make(stream, type, e.rows, e.cols, e.channels, 16, e.channels + 24, random);
    case_mask mask = case_mask_make(stream, e.rows, e.cols, mask_channels, 2, mask_channels / 16 + 2, random);
    float *added = case_tensor_floats(&src), *wanted = case_tensor_floats(&dst);
    for (int64_t i = 0; i < (int64_t)e.rows * e.cols * e.channels; i++) {
        const int32_t channel = (int32_t)(i % e.channels) - mask_at;
        wanted[i] = summed(type, w, w.seed ? seed : added[i], wanted[i]);
        if (w.masked && channel >= 0 && channel < mask_channels &&
            !case_mask_bit(&mask, i / e.channels, channel))
            wanted[i] = 0;
    }
    if (!w.accumulate)
        case_tensor_spoil(stream, &dst);
    const gd_cuda_mask m = w.masked ? case_mask_of(&mask) : (gd_cuda_mask){NULL, 0, 0};
    if (w.seed)
        check_cuda(gd_launch_seed(type, seed, case_tensor_slice(&dst), w.accumulate, m, mask_at,
                                  mask_channels, stream));
    else
        check_cuda(gd_launch_combine(type, case_tensor_slice(&src), w.accumulate, case_tensor_slice(&dst),
                                     w.accumulate, m, mask_at, mask_channels, stream));
    case_tensor_check(stream, &dst, wanted, 0);
    free(added);
    free(wanted);
    case_mask_free(&mask);
    case_tensor_free(&dst);
    case_tensor_free(&src);
}

static void check_ways(cudaStream_t stream, bool seed, case_random *random)
{
    for (int type = 0; type < CASE_TYPES; type++)
        for (int e = 0; e < EXTENTS; e++)
            for (int bits = 0; bits < 4; bits++)
                check_combine(stream, type, extents[e], (way){seed, bits & 1, bits & 2}, random);
}

static void test_combine(void **state)
{
    case_random random = 5;
    check_ways(*state, false, &random);
}

static void test_seed(void **state)
{
    case_random random = 6;
    check_ways(*state, true, &random);
}

/* Each channel by its own value: of the activations, or alone. More channels than one launch takes. */
static void check_seed_each(cudaStream_t stream, gd_cuda_type type, extent e, way w, case_random *random)
{
    case_tensor src = case_tensor_make(stream, type, e.rows, e.cols, e.channels, 8, e.channels + 8, random);
    case_tensor dst = case_tensor_make(stream, type, e.rows, e.cols, e.channels, 16, e.channels + 24, random);
    case_mask mask = case_mask_make(stream, e.rows, e.cols, e.channels, 0, e.channels / 16, random);
    float *from = case_tensor_floats(&src), *wanted = case_tensor_floats(&dst);
    float *values = make_floats(e.channels, random);
    for (int64_t i = 0; i < (int64_t)e.rows * e.cols * e.channels; i++) {
        const int32_t channel = (int32_t)(i % e.channels);
        wanted[i] = summed(type, w, w.seed ? values[channel] : values[channel] * from[i], wanted[i]);
        if (w.masked && !case_mask_bit(&mask, i / e.channels, channel))
            wanted[i] = 0;
    }
    if (!w.accumulate)
        case_tensor_spoil(stream, &dst);
    const gd_cuda_mask m = w.masked ? case_mask_of(&mask) : (gd_cuda_mask){NULL, 0, 0};
    const gd_cuda_slice none = {0};
    check_cuda(gd_launch_seed_each(type, values, w.seed ? none : case_tensor_slice(&src), NULL,
                                   case_tensor_slice(&dst), w.accumulate, m, 0, w.masked ? e.channels : 0,
                                   stream));
    case_tensor_check(stream, &dst, wanted, 0);
    free(from);
    free(wanted);
    free(values);
    case_mask_free(&mask);
    case_tensor_free(&dst);
    case_tensor_free(&src);
}

static void test_seed_each(void **state)
{
    case_random random = 9;
    for (int type = 0; type < CASE_TYPES; type++)
        for (int bits = 0; bits < 8; bits++) {
            const way w = {bits & 1, bits & 2, bits & 4};
            check_seed_each(*state, type, (extent){5, 3, 48}, w, &random);
            check_seed_each(*state, type, (extent){2, 3, 1056}, w, &random);
        }
}

/* Without a source the mask alone is applied, also to what is no number. */
static void test_mask_alone(void **state)
{
    case_random random = 7;
    for (int type = 0; type < CASE_TYPES; type++) {
        case_tensor dst = case_tensor_make(*state, type, 5, 7, 64, 8, 80, &random);
        case_mask mask = case_mask_make(*state, 5, 7, 32, 1, 4, &random);
        case_put(type, dst.host, 8 + 16, NAN);
        case_write(*state, dst.device, dst.host, 5 * 7 * 80 * case_bytes(type));
        float *wanted = case_tensor_floats(&dst);
        for (int64_t i = 0; i < 5 * 7 * 64; i++)
            if (i % 64 >= 16 && i % 64 < 48 && !case_mask_bit(&mask, i / 64, (int32_t)(i % 64) - 16))
                wanted[i] = 0;
        check_cuda(gd_launch_combine(type, (gd_cuda_slice){0}, true, case_tensor_slice(&dst), true,
                                     case_mask_of(&mask), 16, 32, *state));
        case_tensor_check(*state, &dst, wanted, 0);
        free(wanted);
        case_mask_free(&mask);
        case_tensor_free(&dst);
    }
}

/* To nearest, ties to even, beyond the largest to infinity: sums whose exact value each type must round. */
static void test_rounding(void **state)
{
    const float seeds[] = {0x1p-9F, 0x3p-9F, 0x1.8p-8F, 65519, 65520, 3e-8F, 1e-7F, -1e30F};
    case_random random = 8;
    for (int type = 0; type < CASE_TYPES; type++) {
        for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++) {
            case_tensor dst = case_tensor_make(*state, type, 1, 2, 16, 0, 16, &random);
            float *wanted = case_tensor_floats(&dst);
            for (int i = 0; i < 32; i++)
                wanted[i] = case_rounded(type, seeds[s] + wanted[i]);
            check_cuda(gd_launch_seed(type, seeds[s], case_tensor_slice(&dst), true,
                                      (gd_cuda_mask){NULL, 0, 0}, 0, 0, *state));
            case_tensor_check(*state, &dst, wanted, 0);
            free(wanted);
            case_tensor_free(&dst);
        }
    }
}

static void test_nothing(void **state)
{
    const gd_cuda_slice none = {NULL, 0, 7, 16, 16, 7};
    const gd_cuda_mask mask = {NULL, 1, 7};
    check_cuda(gd_launch_input(GD_CUDA_BF16, NULL, 7, 0, 0, 0, none, *state));
    check_cuda(gd_launch_output(GD_CUDA_BF16, none, 1, NULL, NULL, *state));
    check_cuda(gd_launch_combine(GD_CUDA_BF16, none, false, none, true, mask, 0, 0, *state));
    check_cuda(gd_launch_seed(GD_CUDA_BF16, 1, none, true, mask, 0, 0, *state));
    check_cuda(cudaStreamSynchronize(*state));
}

/* As the words of their group say; evenly spread, with a deviation of 1. */
static void check_random(cudaStream_t stream, gd_cuda_type type, int64_t count)
{
    const uint64_t seed = 77;
    const size_t bytes = (size_t)count * case_bytes(type);
    void *got = case_memory(bytes), *values = case_bring(stream, NULL, bytes);
    double sum = 0, squares = 0;
    check_cuda(gd_launch_random(type, seed, values, count, stream));
    case_fetch(stream, got, values, bytes);
    for (int64_t i = 0; i < count; i++) {
        const gd_philox_words words = gd_philox_draw(seed, GD_RANDOM_TIMING, (uint32_t)(i / 8), 0, 0);
        const uint32_t bits = words.at[i % 8 / 2] >> 16 * (i % 2) & 0xffff;
        const float wanted = case_rounded(type, ((float)bits - 32767.5F) * (1.7320508F / 32768));
        assert_true(case_get(type, got, i) == wanted && fabsf(wanted) <= 1.75F);
        sum += (double)wanted;
        squares += (double)wanted * (double)wanted;
    }
    assert_true(count < 1000 ||
                (fabs(sum) <= 0.05 * (double)count && fabs(squares / (double)count - 1) <= 0.05));
    case_drop(values);
    free(got);
}

static void test_random(void **state)
{
    for (int type = 0; type < CASE_TYPES; type++) {
        check_random(*state, type, 8);
        check_random(*state, type, 20008);
    }
}

/* More work than a grid has blocks is refused, and so is a type that there is not. */
static void test_refused(void **state)
{
    const gd_cuda_slice many = {NULL, INT32_MAX, 4096, 16, 16, 4096}, one = {NULL, 1, 1, 16, 16, 1};
    const gd_cuda_mask mask = {NULL, 1, 7};
    assert_int_equal(gd_launch_seed(GD_CUDA_F32, 1, many, false, mask, 0, 0, *state),
                     cudaErrorInvalidConfiguration);
    assert_int_equal(gd_launch_seed((gd_cuda_type)3, 1, one, false, mask, 0, 0, *state),
                     cudaErrorInvalidValue);
    check_cuda(cudaStreamSynchronize(*state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input),          cmocka_unit_test(test_output),
        cmocka_unit_test(test_overflow_stays), cmocka_unit_test(test_mask_of),
        cmocka_unit_test(test_combine),        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_seed_each),      cmocka_unit_test(test_mask_alone),
        cmocka_unit_test(test_rounding),       cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, case_open, case_close);
}
