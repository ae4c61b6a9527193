/* The cpu backend against the reference: (a) each operation on the reference's own inputs, (b) the way back
 * with the reference's masks and winners. */
#include "kernels/cpu/cpu.h"
#include "kernels/cpu_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double relative_error(const double *a, const double *b, int64_t count)
{
    double difference = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return size > 0 ? sqrt(difference / size) : sqrt(difference);
}

/* Share of values that are not equal. */
static double unequal_share(const double *a, const double *b, int64_t count)
{
    int64_t unequal = 0;
    for (int64_t i = 0; i < count; i++)
        unequal += a[i] != b[i];
    return (double)unequal / (double)count;
}

/* How a slice of a tensor differs between the two sides: relative L2 of values, unequal share of the rest. */
static double slice_error(const cpu_case *c, gd_slice slice)
{
    const gd_tensor *shape = &c->tape->tensors[slice.tensor];
    int64_t pixels = (int64_t)shape->rows * shape->cols;
    double *a = cpu_case_get(c, &c->cpu, slice.tensor), *b = cpu_case_get(c, &c->reference, slice.tensor);
    int64_t at = slice.channel * pixels, count = slice.channels * pixels;
    double error = shape->kind == GD_TENSOR_VALUES ? relative_error(a + at, b + at, count)
                                                   : unequal_share(a + at, b + at, count);
    free(a);
    free(b);
    return error;
}

/* The bound for an operation's result. */
static double bound_of(const cpu_case *c, int32_t o)
{
    const char *name = gd_cpu_op_name(c->cpu.program, o);
    if (c->cpu.backend->precision(c->cpu.device) == GD_PRECISION_BF16)
        return 1e-2;
    return name && strstr(name, "wino") ? 1e-4 : 1e-5;
}

/* A unit within rounding of zero may switch, and of two nearly equal ones either may win. */
static double switch_bound(const cpu_case *c)
{
    return c->cpu.backend->precision(c->cpu.device) == GD_PRECISION_BF16 ? 5e-2 : 1e-3;
}

static void check_bound(const cpu_case *c, int32_t o, const char *what, double error, double bound)
{
    const gd_op *op = &c->tape->ops[o];
    const char *name = gd_cpu_op_name(c->cpu.program, o);
    if (!(error <= bound))
        fail_msg("operation %d (kind %d, %dx%d, %d to %d channels, %s), %s: %.3g, above %.3g", o, op->kind,
                 op->kernel_rows, op->kernel_cols, op->src.channels, op->dst.channels, name ? name : "own",
                 what, error, bound);
}

/* Copies what operation o reads. */
static void copy_inputs(const cpu_case *c, int32_t o)
{
    const gd_op *op = &c->tape->ops[o];
    bool back = o >= c->tape->first_backward;
    if (op->src.channels > 0)
        cpu_case_copy(c, op->src.tensor);
    if (op->dst.channels > 0 && (op->accumulate || op->kind == GD_OP_MASK))
        cpu_case_copy(c, op->dst.tensor);
    if (back && op->mask.channels > 0)
        cpu_case_copy(c, op->mask.tensor);
    if (back && op->winner.channels > 0)
        cpu_case_copy(c, op->winner.tensor);
}

static double check_op(const cpu_case *c, int32_t o)
{
    const gd_op *op = &c->tape->ops[o];
    bool back = o >= c->tape->first_backward;
    copy_inputs(c, o);
    cpu_case_run(c, &c->reference, o, o + 1);
    cpu_case_run(c, &c->cpu, o, o + 1);
    if (op->kind == GD_OP_OUTPUT)
        return 0;
    double error = slice_error(c, op->dst);
    check_bound(c, o, "values", error, bound_of(c, o));
    if (!back && op->mask.channels > 0)
        check_bound(c, o, "mask", slice_error(c, op->mask), switch_bound(c));
    if (!back && op->winner.channels > 0)
        check_bound(c, o, "winners", slice_error(c, op->winner), switch_bound(c));
    return error;
}

static void check_operations(const cpu_case *c, const char *title)
{
    double worst = 0;
    for (int32_t o = 0; o < c->tape->op_count; o++) {
        double error = check_op(c, o);
        worst = error > worst ? error : worst;
    }
    print_message("%s, %s: worst operation %.2g\n", title, c->cpu.backend->describe(c->cpu.device), worst);
}

/* The reference runs forward; its masks and winners are set, and both run back. */
static void check_way_back(const cpu_case *c, const char *title, double bound)
{
    int32_t first = c->tape->first_backward;
    int64_t count = (int64_t)c->tape->rows * c->tape->cols * 3;
    double *gradients[2];
    const cpu_side *sides[2] = {&c->cpu, &c->reference};
    cpu_case_run(c, &c->reference, 0, first);
    for (int32_t t = 0; t < c->tape->tensor_count; t++) {
        const gd_tensor *tensor = &c->tape->tensors[t];
        if (tensor->kind != GD_TENSOR_VALUES && tensor->first_op < first && tensor->last_op >= first)
            cpu_case_copy(c, t);
    }
    for (int s = 0; s < 2; s++) {
        cpu_case_run(c, sides[s], first, c->tape->op_count);
        gradients[s] = malloc((size_t)count * sizeof *gradients[s]);
        assert_non_null(gradients[s]);
        for (int64_t i = 0; i < count; i++)
            gradients[s][i] = sides[s]->gradient[i];
    }
    double error = relative_error(gradients[0], gradients[1], count);
    print_message("%s, %s: way back with the reference's masks %.2g\n", title,
                  c->cpu.backend->describe(c->cpu.device), error);
    assert_true(error <= bound);
    free(gradients[0]);
    free(gradients[1]);
}

static void check_names(const cpu_case *c)
{
    for (int32_t o = 0; o < c->tape->op_count; o++) {
        const char *name = gd_cpu_op_name(c->cpu.program, o);
        if (name && strstr(name, "ref"))
            fail_msg("operation %d runs on %s", o, name);
    }
}

static void check_network(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                          gd_precision precision)
{
    cpu_case c;
    if (precision == GD_PRECISION_BF16 && !gd_dnnl_get_isa().avx512)
        skip();
    cpu_case_create(&c, architecture, layer, rows, cols, precision, 0);
    check_names(&c);
    check_operations(&c, layer);
    /* bf16: half as much again as PyTorch's way back (0.9e-2 to mixed10, 1.0e-2 to block8_10; way_back in
     * fixtures/precision.h5). */
    check_way_back(&c, layer, precision == GD_PRECISION_BF16 ? 1.5e-2 : 1e-4);
    cpu_case_free(&c);
}

static void test_v3_fp32(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed10", 131, 107, GD_PRECISION_FP32);
}

static void test_v3_bf16(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed10", 107, 139, GD_PRECISION_BF16);
}

static void test_resnet_fp32(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_RESNET_V2, "block8_10_mixed", 107, 91, GD_PRECISION_FP32);
}

static void test_resnet_bf16(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_RESNET_V2, "block8_10_mixed", 91, 107, GD_PRECISION_BF16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_v3_fp32),
        cmocka_unit_test(test_v3_bf16),
        cmocka_unit_test(test_resnet_fp32),
        cmocka_unit_test(test_resnet_bf16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
