/* The reference backend, operation by operation, on tapes of one operation: against the definition written
 * out again, against its own transpose, and by hand where a case is special. */
#include "base/random.h"
#include "check.h"
#include "kernels/backend.h"
#include "net/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const gd_backend *const backend = &gd_backend_reference;

/* Tensors: 0 the wide one, 1 the result, 2 a mask, 3 winners (both of the result's extent), 4 a mask of the
 * wide one's extent. All live for good. */
enum { WIDE, RESULT, RESULT_MASK, WINNERS, WIDE_MASK, TENSORS };

typedef struct bench {
    gd_tensor tensors[TENSORS];
    gd_op op;
    gd_filter filter;
    gd_tape tape;
    gd_device *device;   /* owned */
    gd_program *program; /* owned */
    char *arena;         /* owned */
} bench;

/* A number that looks random, in [-1, 1]. */
static double number(int32_t tensor, int32_t index)
{
    return (double)gd_random_below(3, GD_RANDOM_NOISE, 2000001, tensor, index, 0) / 1e6 - 1;
}

static int32_t units(const gd_tensor *tensor)
{
    return tensor->channels * tensor->rows * tensor->cols;
}

static double *get(const bench *b, int32_t tensor)
{
    double *values = malloc((size_t)units(&b->tensors[tensor]) * sizeof *values);
    assert_non_null(values);
    backend->get(b->program, b->arena, tensor, values);
    return values;
}

/* Fills a tensor with numbers of its own: masks with bits, winners with places. */
static double *set_random(bench *b, int32_t tensor)
{
    const int32_t count = units(&b->tensors[tensor]);
    double *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    for (int32_t i = 0; i < count; i++) {
        values[i] = number(tensor, i);
        if (b->tensors[tensor].kind == GD_TENSOR_MASK)
            values[i] = values[i] > 0;
        else if (b->tensors[tensor].kind == GD_TENSOR_WINNER)
            values[i] = floor((values[i] + 1) * 4);
    }
    backend->set(b->program, b->arena, tensor, values);
    return values;
}

static void load_filter(bench *b)
{
    gd_filter_values values = {0};
    gd_error error;
    const gd_filter *f = &b->filter;
    const int32_t count = f->out * f->in * f->kernel_rows * f->kernel_cols;
    values.kernel = malloc((size_t)count * sizeof(double));
    values.bias = malloc((size_t)f->out * sizeof(double));
    assert_true(values.kernel && values.bias);
    for (int32_t i = 0; i < count; i++)
        values.kernel[i] = number(100, i);
    for (int32_t i = 0; i < f->out; i++)
        values.bias[i] = number(101, i);
    check_ok(backend->load(b->device, &b->tape, &values, &error), error);
    free(values.kernel);
    free(values.bias);
}

static gd_tensor tensor_of(gd_tensor_kind kind, int32_t rows, int32_t cols)
{
    return (gd_tensor){.kind = kind,
                       .channels = 48,
                       .rows = rows,
                       .cols = cols,
                       .whole_rows = rows,
                       .whole_cols = cols,
                       .last_op = 1};
}

/* A tape of `op` alone. The wide tensor is [48, rows, cols], the result [48, rows', cols']. */
static bench *open_bench(gd_op op, int32_t rows, int32_t cols, bool backward, int32_t cores)
{
    bench *b = calloc(1, sizeof *b);
    gd_error error;
    assert_non_null(b);
    const int32_t out_rows = (rows + 2 * op.pad_rows - op.kernel_rows) / op.stride + 1;
    const int32_t out_cols = (cols + 2 * op.pad_cols - op.kernel_cols) / op.stride + 1;
    b->tensors[WIDE] = tensor_of(GD_TENSOR_VALUES, rows, cols);
    b->tensors[RESULT] = tensor_of(GD_TENSOR_VALUES, out_rows, out_cols);
    b->tensors[RESULT_MASK] = tensor_of(GD_TENSOR_MASK, out_rows, out_cols);
    b->tensors[WINNERS] = tensor_of(GD_TENSOR_WINNER, out_rows, out_cols);
    b->tensors[WIDE_MASK] = tensor_of(GD_TENSOR_MASK, rows, cols);
    b->op = op;
    b->filter = (gd_filter){.in = backward ? op.dst.channels : op.src.channels,
                            .out = backward ? op.src.channels : op.dst.channels,
                            .kernel_rows = op.kernel_rows,
                            .kernel_cols = op.kernel_cols};
    b->tape = (gd_tape){.rows = rows,
                        .cols = cols,
                        .tensors = b->tensors,
                        .tensor_count = TENSORS,
                        .ops = &b->op,
                        .op_count = 1,
                        .first_backward = backward ? 0 : 1,
                        .filters = &b->filter,
                        .filter_count = 1};
    check_ok(backend->open(&(gd_device_options){.cores = cores}, &b->device, &error), error);
    load_filter(b);
    check_ok(backend->compile(b->device, &b->tape, &b->program, &error), error);
    b->arena = aligned_alloc(64, backend->arena_bytes(b->program));
    assert_non_null(b->arena);
    for (int32_t t = 0; t < TENSORS; t++)
        free(set_random(b, t));
    return b;
}

static void run(bench *b)
{
    gd_error error;
    check_ok(backend->run(b->program, b->arena, 0, 1, NULL, NULL, &error), error);
}

static void close_bench(bench *b)
{
    backend->free(b->program);
    backend->close(b->device);
    free(b->arena);
    free(b);
}

static double at(const gd_tensor *tensor, const double *values, int32_t channel, int32_t y, int32_t x)
{
    const bool inside = y >= 0 && y < tensor->rows && x >= 0 && x < tensor->cols;
    return inside ? values[(channel * tensor->rows + y) * tensor->cols + x] : 0;
}

/* One unit of a convolution, summed in the order of the picture. */
static double conv_unit(const bench *b, const double *wide, int32_t out, int32_t y, int32_t x)
{
    const gd_op *op = &b->op;
    const gd_filter *f = &b->filter;
    double sum = number(101, out);
    for (int32_t r = 0; r < op->kernel_rows; r++) {
        for (int32_t c = 0; c < op->kernel_cols; c++) {
            for (int32_t in = 0; in < f->in; in++)
                sum += number(100, ((out * f->in + in) * f->kernel_rows + r) * f->kernel_cols + c) *
                       at(&b->tensors[WIDE], wide, op->src.channel + in, y * op->stride + r - op->pad_rows,
                          x * op->stride + c - op->pad_cols);
        }
    }
    return sum;
}

static void check_near(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-12 * (1 + fabs(expected))))
        fail_msg("%.17g instead of %.17g", actual, expected);
}

static void check_conv(gd_op op, int32_t rows, int32_t cols)
{
    bench *b = open_bench(op, rows, cols, false, 0);
    double *wide = get(b, WIDE), *before = get(b, RESULT), *old_mask = get(b, RESULT_MASK);
    run(b);
    double *after = get(b, RESULT), *mask = get(b, RESULT_MASK);
    const gd_tensor *result = &b->tensors[RESULT];
    for (int32_t i = 0; i < units(result); i++) {
        const int32_t c = i / (result->rows * result->cols), plane = i % (result->rows * result->cols);
        const int32_t out = c - op.dst.channel;
        if (out < 0 || out >= op.dst.channels) { /* beside the slice */
            assert_true(after[i] == before[i]);
            continue;
        }
        double expected = conv_unit(b, wide, out, plane / result->cols, plane % result->cols) +
                          (op.accumulate ? before[i] : 0);
        expected = op.relu && expected < 0 ? 0 : expected;
        check_near(after[i], expected);
        const int32_t bit = i + (op.mask.channel - op.dst.channel) * result->rows * result->cols;
        if (op.mask.channels > 0)
            assert_true(mask[bit] == (expected > 0));
        else
            assert_true(mask[i] == old_mask[i]);
    }
    free(wide);
    free(before);
    free(old_mask);
    free(after);
    free(mask);
    close_bench(b);
}

/* The shapes of both networks: 3x3/2 valid, 1x1, 1x7, 7x1, 5x5 same; slices, sums, masks. */
static void test_conv(void **state)
{
    (void)state;
    const gd_op plain = {.kind = GD_OP_CONV,
                         .src = {WIDE, 0, 48},
                         .dst = {RESULT, 0, 48},
                         .kernel_rows = 3,
                         .kernel_cols = 3,
                         .stride = 2,
                         .relu = true};
    check_conv(plain, 7, 8);
    gd_op op = plain;
    op.kernel_rows = op.kernel_cols = op.stride = 1;
    op.src = (gd_slice){WIDE, 16, 16};
    op.dst = (gd_slice){RESULT, 32, 16};
    op.mask = (gd_slice){RESULT_MASK, 16, 16};
    check_conv(op, 3, 4);
    op.kernel_cols = 7;
    op.pad_cols = 3;
    op.accumulate = true;
    check_conv(op, 4, 5);
    op.kernel_rows = 7;
    op.pad_rows = 3;
    op.kernel_cols = 1;
    op.pad_cols = 0;
    op.relu = false;
    check_conv(op, 3, 2);
    op.kernel_rows = op.kernel_cols = 5;
    op.pad_rows = op.pad_cols = 2;
    op.mask.channels = 0;
    check_conv(op, 6, 4);
}

static double dot(const double *a, const double *b, int32_t count)
{
    double sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* forward: result = F(wide); back: wide = F'(result). For linear F, <F(x), y> - <F(0), y> = <x, F'(y)>. */
static void check_transpose(gd_op forward, gd_op_kind back_kind, int32_t rows, int32_t cols)
{
    gd_op back = forward;
    back.kind = back_kind;
    back.src = forward.dst;
    back.dst = forward.src;
    bench *f = open_bench(forward, rows, cols, false, 0);
    const int32_t wide_units = units(&f->tensors[WIDE]), result_units = units(&f->tensors[RESULT]);
    double *x = get(f, WIDE), *y = get(f, RESULT), *zero = calloc((size_t)wide_units, sizeof *zero);
    assert_non_null(zero);
    run(f);
    double *fx = get(f, RESULT), *winners = get(f, WINNERS);
    backend->set(f->program, f->arena, WIDE, zero);
    run(f);
    double *f0 = get(f, RESULT);
    bench *g = open_bench(back, rows, cols, true, 0);
    backend->set(g->program, g->arena, RESULT, y);
    backend->set(g->program, g->arena, WINNERS, winners);
    run(g);
    double *gy = get(g, WIDE);
    check_near(dot(fx, y, result_units) - dot(f0, y, result_units), dot(x, gy, wide_units));
    free(x);
    free(y);
    free(zero);
    free(fx);
    free(f0);
    free(winners);
    free(gy);
    close_bench(f);
    close_bench(g);
}

static gd_op shaped(gd_op_kind kind, int32_t kernel_rows, int32_t kernel_cols, int32_t stride, bool same)
{
    return (gd_op){.kind = kind,
                   .src = {WIDE, 0, 48},
                   .dst = {RESULT, 0, 48},
                   .winner = {WINNERS, 0, 48},
                   .kernel_rows = kernel_rows,
                   .kernel_cols = kernel_cols,
                   .stride = stride,
                   .pad_rows = same ? kernel_rows / 2 : 0,
                   .pad_cols = same ? kernel_cols / 2 : 0};
}

static void test_transposes(void **state)
{
    (void)state;
    check_transpose(shaped(GD_OP_CONV, 3, 3, 2, false), GD_OP_CONV_BACK, 8, 9);
    check_transpose(shaped(GD_OP_CONV, 3, 3, 1, false), GD_OP_CONV_BACK, 5, 6);
    check_transpose(shaped(GD_OP_CONV, 5, 5, 1, true), GD_OP_CONV_BACK, 4, 6);
    check_transpose(shaped(GD_OP_CONV, 1, 7, 1, true), GD_OP_CONV_BACK, 5, 5);
    check_transpose(shaped(GD_OP_CONV, 1, 1, 1, false), GD_OP_CONV_BACK, 3, 1);
    check_transpose(shaped(GD_OP_AVG_POOL, 3, 3, 1, true), GD_OP_AVG_POOL_BACK, 5, 7);
    check_transpose(shaped(GD_OP_AVG_POOL, 3, 3, 1, true), GD_OP_AVG_POOL_BACK, 1, 2);
    check_transpose(shaped(GD_OP_MAX_POOL, 3, 3, 2, false), GD_OP_MAX_POOL_BACK, 8, 9);
}

/* Back: what stands there is added to, or overwritten; then the mask; beside the slice nothing changes. */
static void check_back_epilogue(gd_op op, int32_t rows, int32_t cols)
{
    op.src = (gd_slice){RESULT, 16, 16};
    op.dst = (gd_slice){WIDE, 16, 16};
    op.winner = (gd_slice){WINNERS, 32, 16};
    bench *plain = open_bench(op, rows, cols, true, 0);
    run(plain);
    op.accumulate = true;
    op.dst = (gd_slice){WIDE, 16, 16};
    op.mask = (gd_slice){WIDE_MASK, 32, 8};
    op.mask_at = 4;
    bench *full = open_bench(op, rows, cols, true, 0);
    double *before = get(full, WIDE), *mask = get(full, WIDE_MASK);
    run(full);
    double *alone = get(plain, WIDE), *after = get(full, WIDE);
    const int32_t plane = rows * cols;
    for (int32_t i = 0; i < 48 * plane; i++) {
        const int32_t c = i / plane;
        const bool inside = c >= 16 && c < 32, masked = c >= 20 && c < 28;
        const bool passes = !masked || mask[i + (32 - 20) * plane] != 0;
        check_near(after[i], passes ? before[i] + (inside ? alone[i] : 0) : 0);
    }
    free(before);
    free(mask);
    free(alone);
    free(after);
    close_bench(plain);
    close_bench(full);
}

static void test_back_epilogues(void **state)
{
    (void)state;
    check_back_epilogue(shaped(GD_OP_CONV_BACK, 3, 3, 2, false), 8, 7);
    check_back_epilogue(shaped(GD_OP_CONV_BACK, 1, 1, 1, false), 3, 4);
    check_back_epilogue(shaped(GD_OP_AVG_POOL_BACK, 3, 3, 1, true), 4, 4);
    check_back_epilogue(shaped(GD_OP_MAX_POOL_BACK, 3, 3, 2, false), 7, 5);
    check_back_epilogue(shaped(GD_OP_COPY, 1, 1, 1, false), 2, 3);
    gd_op seed = shaped(GD_OP_SEED, 1, 1, 1, false);
    seed.value = 0.25;
    check_back_epilogue(seed, 2, 3);
}

static void test_mask_alone(void **state)
{
    (void)state;
    gd_op op = shaped(GD_OP_MASK, 1, 1, 1, false);
    op.dst = (gd_slice){WIDE, 16, 32};
    op.mask = (gd_slice){WIDE_MASK, 0, 32};
    bench *b = open_bench(op, 3, 5, true, 0);
    double *before = get(b, WIDE), *mask = get(b, WIDE_MASK);
    run(b);
    double *after = get(b, WIDE);
    for (int32_t i = 0; i < 48 * 15; i++)
        assert_true(after[i] == (i < 16 * 15 || mask[i - 16 * 15] != 0 ? before[i] : 0));
    free(before);
    free(mask);
    free(after);
    close_bench(b);
}

/* Of equal maxima the first one wins, row by row. */
static void test_first_maximum(void **state)
{
    (void)state;
    bench *b = open_bench(shaped(GD_OP_MAX_POOL, 3, 3, 2, false), 3, 3, false, 0);
    double values[48 * 9], winners[48], pooled[48];
    for (int32_t i = 0; i < 48 * 9; i++)
        values[i] = i / 9 == 0 ? -2 : (double)(i % 9 >= i / 9 % 9); /* channel c: ones from place c on */
    backend->set(b->program, b->arena, WIDE, values);
    run(b);
    backend->get(b->program, b->arena, WINNERS, winners);
    backend->get(b->program, b->arena, RESULT, pooled);
    for (int32_t c = 0; c < 9; c++) {
        assert_true(winners[c] == c);
        assert_true(pooled[c] == (c == 0 ? -2 : 1));
    }
    close_bench(b);
}

/* The mean counts real pixels only: a constant stays one up to the corners. */
static void test_mean_of_constant(void **state)
{
    (void)state;
    bench *b = open_bench(shaped(GD_OP_AVG_POOL, 3, 3, 1, true), 4, 3, false, 0);
    double values[48 * 12];
    for (int32_t i = 0; i < 48 * 12; i++)
        values[i] = 3;
    backend->set(b->program, b->arena, WIDE, values);
    run(b);
    backend->get(b->program, b->arena, RESULT, values);
    for (int32_t i = 0; i < 48 * 12; i++)
        check_near(values[i], 3);
    close_bench(b);
}

/* The number of cores changes no bit. */
static void test_cores(void **state)
{
    (void)state;
    const gd_op ops[] = {shaped(GD_OP_CONV, 3, 3, 2, false), shaped(GD_OP_AVG_POOL, 3, 3, 1, true)};
    for (int32_t i = 0; i < 2; i++) {
        bench *one = open_bench(ops[i], 9, 9, false, 1), *all = open_bench(ops[i], 9, 9, false, 0);
        run(one);
        run(all);
        double *a = get(one, RESULT), *b = get(all, RESULT);
        assert_memory_equal(a, b, (size_t)units(&one->tensors[RESULT]) * sizeof *a);
        free(a);
        free(b);
        close_bench(one);
        close_bench(all);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    gd_device *device;
    gd_program *program;
    gd_error error;
    assert_int_equal(backend->open(&(gd_device_options){.precision = GD_PRECISION_BF16}, &device, &error),
                     GD_USAGE);
    assert_non_null(strstr(error.message, "--precision"));
    bench *b = open_bench(shaped(GD_OP_CONV, 1, 1, 1, false), 2, 2, false, 0);
    check_ok(backend->open(&(gd_device_options){0}, &device, &error), error);
    check_ok(backend->compile(device, &b->tape, &program, &error), error);
    assert_int_equal(backend->run(program, b->arena, 0, 1, NULL, NULL, &error), GD_INTERNAL);
    backend->free(program);
    backend->close(device);
    close_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conv),           cmocka_unit_test(test_transposes),
        cmocka_unit_test(test_back_epilogues), cmocka_unit_test(test_mask_alone),
        cmocka_unit_test(test_first_maximum),  cmocka_unit_test(test_mean_of_constant),
        cmocka_unit_test(test_cores),          cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
