/* Products run on the device by the first and the last algorithm that cuBLASLt offers, against loops in
 * double. The numbers have few bits, so that sums are exact in float32, and the signs of results with them.
 */
#include "case.h"
#include "kernels/cuda/product/product_plan.h"
#include "kernels/cuda/product/product_search.h"

#include <stdlib.h>
#include <string.h>

typedef struct bench {
    cudaStream_t stream;
    gd_products *products;
} bench;

static int open_bench(void **state)
{
    bench *b = calloc(1, sizeof *b);
    gd_error error;
    void *stream = NULL;
    assert_non_null(b);
    assert_int_equal(case_open(&stream), 0);
    b->stream = stream;
    check_ok(gd_products_open(&b->products, &error), error);
    *state = b;
    return 0;
}

static int close_bench(void **state)
{
    bench *b = *state;
    void *stream = b->stream;
    gd_products_close(b->products);
    assert_int_equal(case_close(&stream), 0);
    free(b);
    return 0;
}

/* 3 lines of 13 pixels, in a source of 4 x 15 where there are lines, and a result of 3 x 13 then. */
enum { LINES = 3, COLS = 13, SOURCE_LINE = 15, DEPTH = 40, SOURCE_PITCH = 56, SOURCE_AT = 8, RESULT_AT = 16 };

static gd_product_shape shape_of(gd_cuda_type type, bool transposed, bool lines, int32_t rows)
{
    return (gd_product_shape){.type = type,
                              .transposed = transposed,
                              .rows = rows,
                              .depth = DEPTH,
                              .lines = lines ? LINES : 1,
                              .cols = lines ? COLS : LINES * COLS,
                              .weight_pitch = transposed ? rows : DEPTH,
                              .source_pitch = SOURCE_PITCH,
                              .result_pitch = rows + 24,
                              .source_line = lines ? SOURCE_LINE : 0,
                              .result_line = lines ? COLS : 0};
}

static void give_mask(gd_product_shape *s, gd_product_mask mask)
{
    s->mask = mask;
    s->mask_pitch = (s->rows + GD_PRODUCT_MASK_BITS - 1) / GD_PRODUCT_MASK_BITS * GD_PRODUCT_MASK_BITS;
    s->mask_line = s->lines > 1 ? COLS : 0;
}

typedef struct operands {
    case_tensor source, result, weights, bias;
    case_mask mask;
    float *sources, *before, *ws, *biases;
} operands;

static operands operands_make(cudaStream_t stream, const gd_product_shape *s)
{
    case_random random = 11;
    operands o;
    const int32_t line = s->lines > 1 ? SOURCE_LINE : COLS;
    o.source = case_tensor_make(stream, s->type, LINES, line, s->depth, SOURCE_AT, s->source_pitch, &random);
    o.result = case_tensor_make(stream, s->type, LINES, COLS, s->rows, RESULT_AT, s->result_pitch, &random);
    o.weights = case_tensor_make(stream, s->type, s->transposed ? s->depth : s->rows, 1,
                                 s->transposed ? s->rows : s->depth, 0, s->weight_pitch, &random);
    o.bias = case_tensor_make(stream, s->type, 1, 1, s->rows, 0, s->rows, &random);
    o.mask = case_mask_make(stream, LINES, COLS, s->rows, 0, (s->rows + 127) / 128 * 8, &random);
    o.sources = case_tensor_floats(&o.source);
    o.before = case_tensor_floats(&o.result);
    o.ws = case_tensor_floats(&o.weights);
    o.biases = case_tensor_floats(&o.bias);
    return o;
}

static void operands_free(operands *o)
{
    case_tensor_free(&o->source);
    case_tensor_free(&o->result);
    case_tensor_free(&o->weights);
    case_tensor_free(&o->bias);
    case_mask_free(&o->mask);
    free(o->sources);
    free(o->before);
    free(o->ws);
    free(o->biases);
}

static double unit_of(const gd_product_shape *s, const operands *o, int32_t line, int32_t col, int32_t row)
{
    const int64_t pixel = (int64_t)line * COLS + col, from = (int64_t)line * o->source.cols + col;
    double sum = s->sum ? o->before[pixel * s->rows + row] : 0;
    for (int32_t d = 0; d < s->depth; d++)
        sum += (double)o->sources[from * s->depth + d] *
               o->ws[s->transposed ? d * s->rows + row : row * s->depth + d];
    sum += s->bias ? o->biases[row] : 0;
    if (s->mask == GD_PRODUCT_APPLIES_MASK && !case_mask_bit(&o->mask, pixel, row))
        return 0;
    return s->relu && sum < 0 ? 0 : sum;
}

static float *wanted_of(const gd_product_shape *s, const operands *o)
{
    float *wanted = case_memory((size_t)LINES * COLS * (size_t)s->rows * sizeof *wanted);
    for (int32_t pixel = 0; pixel < LINES * COLS; pixel++)
        for (int32_t row = 0; row < s->rows; row++)
            wanted[pixel * s->rows + row] = (float)unit_of(s, o, pixel / COLS, pixel % COLS, row);
    return wanted;
}

/* The bits of the rows; those behind them, up to the next pixel's, are undefined. */
static void check_mask(cudaStream_t stream, const case_mask *mask, const float *wanted)
{
    uint16_t bits[64];
    for (int32_t pixel = 0; pixel < LINES * COLS; pixel++) {
        case_fetch(stream, bits, mask->device + (size_t)pixel * (size_t)mask->pitch,
                   (size_t)mask->channels / 8);
        for (int32_t c = 0; c < mask->channels; c++)
            if ((bits[c / 16] >> c % 16 & 1) != (wanted[pixel * mask->channels + c] > 0))
                fail_msg("pixel %d, channel %d: the bit is not that of %g", pixel, c,
                         (double)wanted[pixel * mask->channels + c]);
    }
}

static void run_choice(bench *b, const gd_product_shape *s, const gd_product_choice *choice)
{
    operands o = operands_make(b->stream, s);
    float *wanted = wanted_of(s, &o);
    gd_product_plan *plan = NULL;
    gd_error error;
    if (!s->sum)
        case_tensor_spoil(b->stream, &o.result);
    check_ok(gd_product_plan_create(b->products, s, choice, &plan, &error), error);
    check_ok(gd_product_plan_run(b->products, plan, o.weights.device, s->bias ? o.bias.device : NULL,
                                 case_tensor_slice(&o.source).values, case_tensor_slice(&o.result).values,
                                 s->mask == GD_PRODUCT_NO_MASK ? NULL : o.mask.device, b->stream, &error),
             error);
    case_tensor_check(b->stream, &o.result, wanted, s->type == GD_CUDA_F32 ? 1e-5 : case_epsilon(s->type));
    if (s->mask == GD_PRODUCT_WRITES_MASK)
        check_mask(b->stream, &o.mask, wanted);
    gd_product_plan_free(plan);
    free(wanted);
    operands_free(&o);
}

static void run_shape(bench *b, const gd_product_shape *s)
{
    enum { ROOM = 16 };
    gd_product_choice choices[ROOM];
    gd_error error;
    int32_t count;
    check_ok(gd_product_candidates(b->products, s, choices, ROOM, &count, &error), error);
    assert_true(count > 0);
    run_choice(b, s, &choices[0]);
    if (count > 1)
        run_choice(b, s, &choices[count - 1]);
}

/* In both halves, dense and in lines, of 48 rows and of 136, which are more than one 128 of bits. */
static void run_all(bench *b, gd_product_shape change)
{
    for (int i = 0; i < 8; i++) {
        gd_product_shape s =
            shape_of(i & 1 ? GD_CUDA_F16 : GD_CUDA_BF16, change.transposed, i & 2, i & 4 ? 136 : 48);
        s.sum = change.sum;
        s.bias = change.bias;
        s.relu = change.relu;
        if (change.mask != GD_PRODUCT_NO_MASK)
            give_mask(&s, change.mask);
        run_shape(b, &s);
    }
}

static void forward(void **state)
{
    run_all(*state, (gd_product_shape){.bias = true});
    run_all(*state, (gd_product_shape){.bias = true, .relu = true});
    run_all(*state, (gd_product_shape){.relu = true});
    run_all(*state, (gd_product_shape){.bias = true, .relu = true, .sum = true});
}

static void forward_with_masks(void **state)
{
    run_all(*state, (gd_product_shape){.bias = true, .relu = true, .mask = GD_PRODUCT_WRITES_MASK});
    run_all(*state,
            (gd_product_shape){.bias = true, .relu = true, .sum = true, .mask = GD_PRODUCT_WRITES_MASK});
    run_all(*state, (gd_product_shape){.relu = true, .mask = GD_PRODUCT_WRITES_MASK});
}

static void backward(void **state)
{
    run_all(*state, (gd_product_shape){.transposed = true});
    run_all(*state, (gd_product_shape){.transposed = true, .sum = true});
}

static void backward_with_masks(void **state)
{
    run_all(*state, (gd_product_shape){.transposed = true, .mask = GD_PRODUCT_APPLIES_MASK});
    run_all(*state, (gd_product_shape){.transposed = true, .sum = true, .mask = GD_PRODUCT_APPLIES_MASK});
}

static void in_float32(void **state)
{
    gd_product_shape s = shape_of(GD_CUDA_F32, false, true, 48);
    s.bias = true;
    run_shape(*state, &s);
    s = shape_of(GD_CUDA_F32, true, false, 48);
    s.sum = true;
    run_shape(*state, &s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward),    cmocka_unit_test(forward_with_masks),
        cmocka_unit_test(backward),   cmocka_unit_test(backward_with_masks),
        cmocka_unit_test(in_float32),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
