/* The convolution of the picture, both ways, against plain loops in double. */
#include "case.h"

#include <math.h>
#include <stdlib.h>

enum { SIDE = 3, STRIDE = 2, TAPS = SIDE * SIDE * 3 };

/* Results of `rows` x `cols`, and what the pads leave out; more than a block of results, and fewer. */
static const struct geometry {
    int32_t rows, cols, filters, pad_rows, pad_cols;
} kinds[] = {{1, 1, 32, 0, 0},    {2, 3, 16, -2, -4},   {3, 129, 32, 0, -6},
             {5, 128, 16, -8, 0}, {4, 300, 32, -1, -3}, {7, 65, 32, 0, 0}};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct conv {
    case_tensor kernel, bias; /* [filters, 9, 8] and [1, 1, filters] */
    gd_cuda_picture_conv on_device;
} first_conv;

static first_conv make_conv(cudaStream_t stream, gd_cuda_type type, const struct geometry *g,
                            case_random *random)
{
    first_conv c = {case_tensor_make(stream, type, g->filters, SIDE * SIDE, 8, 0, 8, random),
                    case_tensor_make(stream, type, 1, 1, g->filters, 0, g->filters, random),
                    {0}};
    c.on_device = (gd_cuda_picture_conv){.kernel = c.kernel.device,
                                         .bias = c.bias.device,
                                         .filters = g->filters,
                                         .pad_rows = g->pad_rows,
                                         .pad_cols = g->pad_cols,
                                         .shift = {0.5F, -0.25F, 1}};
    return c;
}

static void free_conv(first_conv *c)
{
    case_tensor_free(&c->kernel);
    case_tensor_free(&c->bias);
}

static double weight_of(const first_conv *c, int32_t filter, int row, int col, int colour)
{
    return case_get(c->kernel.type, c->kernel.host, (filter * SIDE * SIDE + row * SIDE + col) * 8 + colour);
}

static float *make_floats(int64_t count, case_random *random)
{
    float *values = case_memory((size_t)count * sizeof *values);
    for (int64_t i = 0; i < count; i++)
        values[i] = case_number(random);
    return values;
}

/* One result before the ReLU. */
static double result_of(const first_conv *c, const struct geometry *g, const float *window, int32_t line,
                        int32_t y, int32_t x, int32_t filter)
{
    double sum = case_get(c->bias.type, c->bias.host, filter);
    for (int tap = 0; tap < TAPS; tap++) {
        const int row = tap / 9, col = tap / 3 % 3, colour = tap % 3;
        const int64_t at = (int64_t)(y * STRIDE - g->pad_rows + row) * line + x * STRIDE - g->pad_cols + col;
        sum += weight_of(c, filter, row, col, colour) *
               ((double)window[at * 3 + colour] + (double)c->on_device.shift[colour]);
    }
    return sum;
}

static void check_forward(cudaStream_t stream, gd_cuda_type type, const struct geometry *g, bool masked)
{
    case_random random = 11;
    const int32_t zero = 0, line = (g->cols - 1) * STRIDE + SIDE - g->pad_cols;
    const int64_t lines = (g->rows - 1) * STRIDE + SIDE - g->pad_rows;
    const int64_t count = (int64_t)g->rows * g->cols * g->filters;
    first_conv c = make_conv(stream, type, g, &random);
    float *window = make_floats(lines * line * 3, &random),
          *wanted = case_memory((size_t)count * sizeof *wanted);
    void *there = case_bring(stream, window, (size_t)(lines * line * 3) * sizeof *window);
    int32_t flag = -1, *overflow = case_bring(stream, &zero, sizeof zero);
    case_tensor dst =
        case_tensor_make(stream, type, g->rows, g->cols, g->filters, 16, g->filters + 24, &random);
    case_mask mask = case_mask_make(stream, g->rows, g->cols, g->filters, 1, g->filters / 16 + 2, &random);
    case_tensor_spoil(stream, &dst);
    check_cuda(gd_launch_picture_conv(type, &c.on_device, there, line, case_tensor_slice(&dst),
                                      masked ? case_mask_of(&mask) : (gd_cuda_mask){0}, overflow, stream));
    for (int64_t i = 0; i < count; i++) {
        const int64_t pixel = i / g->filters;
        const double sum = result_of(&c, g, window, line, (int32_t)(pixel / g->cols),
                                     (int32_t)(pixel % g->cols), (int32_t)(i % g->filters));
        wanted[i] = (float)fmax(sum, 0);
    }
    /* 28 products and sums in float32, then rounded once. */
    case_tensor_check(stream, &dst, wanted, case_epsilon(type) + 28 * 0x1p-22);
    if (masked) {
        float *stored = case_tensor_floats(&dst);
        case_mask_check(stream, &mask, stored);
        free(stored);
    }
    case_fetch(stream, &flag, overflow, sizeof flag);
    assert_int_equal(flag, 0);
    case_tensor_free(&dst);
    case_mask_free(&mask);
    case_drop(overflow);
    case_drop(there);
    free(window);
    free(wanted);
    free_conv(&c);
}

static void test_forward(void **state)
{
    for (int type = 0; type < CASE_TYPES; type++)
        for (int k = 0; k < KINDS; k++)
            check_forward(*state, type, &kinds[k], k % 2 == 0 || type == GD_CUDA_BF16);
}

/* What a pixel gets of the results that read it. */
static double pixel_of(const first_conv *c, const struct geometry *g, const float *src, const case_mask *mask,
                       bool masked, int64_t y, int64_t x, int colour)
{
    double sum = 0;
    for (int place = 0; place < SIDE * SIDE; place++) {
        const int64_t row = y + g->pad_rows - place / SIDE, col = x + g->pad_cols - place % SIDE;
        if (row < 0 || col < 0 || row % STRIDE || col % STRIDE || row / STRIDE >= g->rows ||
            col / STRIDE >= g->cols)
            continue;
        const int64_t pixel = row / STRIDE * g->cols + col / STRIDE;
        for (int32_t f = 0; f < g->filters; f++)
            if (!masked || case_mask_bit(mask, pixel, f))
                sum +=
                    weight_of(c, f, place / SIDE, place % SIDE, colour) * (double)src[pixel * g->filters + f];
    }
    return sum;
}

/* The picture holds `beside` pixels more or fewer than are read, on each side. */
static void check_back(cudaStream_t stream, gd_cuda_type type, const struct geometry *g, int32_t beside,
                       bool masked)
{
    case_random random = 12;
    const int32_t zero = 0;
    const float scale = 0.25F;
    struct geometry moved = *g;
    moved.pad_rows = moved.pad_cols = -beside;
    const int32_t rows = (g->rows - 1) * STRIDE + SIDE + 2 * beside,
                  cols = (g->cols - 1) * STRIDE + SIDE + 2 * beside;
    if (rows < 1 || cols < 1)
        return;
    first_conv c = make_conv(stream, type, &moved, &random);
    case_tensor src =
        case_tensor_make(stream, type, g->rows, g->cols, g->filters, 8, g->filters + 16, &random);
    case_mask mask = case_mask_make(stream, g->rows, g->cols, g->filters, 2, g->filters / 16 + 3, &random);
    const size_t count = (size_t)rows * (size_t)cols * 3;
    float *given = case_tensor_floats(&src), *got = case_memory(count * sizeof *got);
    float *gradient = case_bring(stream, NULL, count * sizeof *got);
    int32_t flag = -1, *overflow = case_bring(stream, &zero, sizeof zero);
    check_cuda(gd_launch_picture_conv_back(type, &c.on_device, case_tensor_slice(&src),
                                           masked ? case_mask_of(&mask) : (gd_cuda_mask){0}, scale, gradient,
                                           rows, cols, overflow, stream));
    case_fetch(stream, got, gradient, count * sizeof *got);
    for (size_t i = 0; i < count; i++) {
        const int64_t pixel = (int64_t)i / 3;
        const double wanted = (double)scale * pixel_of(&c, &moved, given, &mask, masked, pixel / cols,
                                                       pixel % cols, (int)(i % 3));
        /* At most 4 * 32 products of numbers below 1, summed in float32. */
        if (!(fabs((double)got[i] - wanted) <= 128 * 0x1p-22))
            fail_msg("type %d, %d x %d results, %d beside: float %zu is %g instead of %g", type, g->rows,
                     g->cols, beside, i, (double)got[i], wanted);
    }
    case_fetch(stream, &flag, overflow, sizeof flag);
    assert_int_equal(flag, 0);
    case_tensor_free(&src);
    case_mask_free(&mask);
    case_drop(gradient);
    case_drop(overflow);
    free(given);
    free(got);
    free_conv(&c);
}

static void test_back(void **state)
{
    for (int type = 0; type < CASE_TYPES; type++)
        for (int k = 0; k < KINDS; k++)
            for (int32_t beside = -2; beside <= 3; beside++)
                check_back(*state, type, &kinds[k], beside, (beside & 1) == 0);
}

/* A result or a gradient that is no number is told, also where the ReLU hides it; one that is masked is not.
 */
static void test_overflow(void **state)
{
    const struct geometry g = {2, 2, 32, 0, 0};
    const int32_t zero = 0;
    case_random random = 13;
    float *window = make_floats(5 * 5 * 3, &random);
    window[40] = INFINITY;
    void *there = case_bring(*state, window, 75 * sizeof *window);
    first_conv c = make_conv(*state, GD_CUDA_F16, &g, &random);
    case_tensor tensor = case_tensor_make(*state, GD_CUDA_F16, 2, 2, 32, 0, 32, &random);
    case_mask mask = case_mask_make(*state, 2, 2, 32, 0, 2, &random);
    float *gradient = case_bring(*state, NULL, 75 * sizeof *gradient);
    for (int turn = 0; turn < 3; turn++) {
        int32_t flag = 0, *overflow = case_bring(*state, &zero, sizeof zero);
        mask.host[0] = (uint16_t)(turn == 1);
        case_write(*state, mask.device, mask.host, 16);
        case_put(GD_CUDA_F16, tensor.host, 0, NAN);
        if (turn > 0)
            case_write(*state, tensor.device, tensor.host, 256);
        if (turn == 0)
            check_cuda(gd_launch_picture_conv(GD_CUDA_F16, &c.on_device, there, 5, case_tensor_slice(&tensor),
                                              (gd_cuda_mask){0}, overflow, *state));
        else
            check_cuda(gd_launch_picture_conv_back(GD_CUDA_F16, &c.on_device, case_tensor_slice(&tensor),
                                                   case_mask_of(&mask), 1, gradient, 5, 5, overflow, *state));
        case_fetch(*state, &flag, overflow, sizeof flag);
        assert_int_equal(flag, turn < 2);
        case_drop(overflow);
    }
    case_tensor_free(&tensor);
    case_mask_free(&mask);
    case_drop(gradient);
    case_drop(there);
    free(window);
    free_conv(&c);
}

/* Nothing to do, more than a grid has blocks, and channels that no thread has. */
static void test_limits(void **state)
{
    const gd_cuda_picture_conv conv = {.filters = 32};
    const gd_cuda_slice none = {NULL, 0, 0, 32, 32, 0}, many = {NULL, INT32_MAX, 4096, 32, 32, 4096},
                        wide = {NULL, 1, 1, 48, 48, 1};
    const gd_cuda_mask open = {0};
    check_cuda(gd_launch_picture_conv(GD_CUDA_BF16, &conv, NULL, 0, none, open, NULL, *state));
    check_cuda(gd_launch_picture_conv_back(GD_CUDA_BF16, &conv, none, open, 1, NULL, 0, 0, NULL, *state));
    assert_int_equal(gd_launch_picture_conv(GD_CUDA_F32, &conv, NULL, 0, many, open, NULL, *state),
                     cudaErrorInvalidConfiguration);
    assert_int_equal(gd_launch_picture_conv(GD_CUDA_F32, &conv, NULL, 0, wide, open, NULL, *state),
                     cudaErrorInvalidValue);
    assert_int_equal(
        gd_launch_picture_conv_back((gd_cuda_type)3, &conv, none, open, 1, NULL, 0, 0, NULL, *state),
        cudaErrorInvalidValue);
    check_cuda(cudaStreamSynchronize(*state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forward), cmocka_unit_test(test_back),
                                       cmocka_unit_test(test_overflow), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, case_open, case_close);
}
