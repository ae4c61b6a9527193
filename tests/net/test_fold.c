/* Folding: kernels change their order and take batch norm and scale, by hand on a small network. */
#include "check.h"
#include "net/fold.h"
#include "net/tape.h"

#include <math.h>
#include <string.h>

/* Node 1 has batch norm, node 2 a bias. */
static const gd_node nodes[] = {
    {.kind = GD_NODE_INPUT, .channels = 2},
    {.kind = GD_NODE_CONV,
     .input_count = 1,
     .channels = 3,
     .kernel_rows = 1,
     .kernel_cols = 2,
     .batch_norm = true},
    {.kind = GD_NODE_CONV, .input_count = 1, .channels = 1, .kernel_rows = 1, .kernel_cols = 2},
};
static const gd_net net = {.name = "small", .title = "Small", .nodes = nodes, .node_count = 3};

static float kernel1[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; /* [1, 2, 2 in, 3 out] */
static float beta1[3] = {0.5f, -1, 2}, mean1[3] = {1, 2, -3}, variance1[3] = {0.25f, 4, 0};
static float kernel2[4] = {1, -2, 3, -4}, bias2[1] = {10}; /* [1, 2, 2 in, 1 out] */

static void check_near(double actual, double expected)
{
    assert_true(fabs(actual - expected) <= 1e-14 * fabs(expected));
}

static void check_batch_norm(const gd_filter_values *values, int32_t first)
{
    for (int32_t o = 0; o < 3; o++) {
        const double scale = 1 / sqrt((double)variance1[o] + 1e-3);
        for (int32_t in = 0; in < 2; in++) {
            for (int32_t x = 0; x < 2; x++)
                check_near(values->kernel[((first + o) * 2 + in) * 2 + x],
                           scale * (double)kernel1[(x * 2 + in) * 3 + o]);
        }
        check_near(values->bias[first + o], (double)beta1[o] - (double)mean1[o] * scale);
    }
}

static void check_bias(const gd_filter_values *values, int32_t first, double scale)
{
    const double expected[4] = {scale * 1, scale * 3, scale * -2, scale * -4};
    for (int32_t i = 0; i < 4; i++)
        check_near(values->kernel[first * 4 + i], expected[i]);
    check_near(values->bias[first], scale * 10);
}

static void test_fold(void **state)
{
    (void)state;
    gd_conv_weights convs[3] = {{0}, {kernel1, beta1, mean1, variance1}, {kernel2, bias2, NULL, NULL}};
    const gd_weights weights = {.convs = convs, .count = 3, .path = "made.h5"};
    gd_filter filters[] = {
        {.in = 2, .out = 3, .kernel_rows = 1, .kernel_cols = 2, .nodes = {1}, .part_count = 1, .scale = 1},
        {.in = 2, .out = 1, .kernel_rows = 1, .kernel_cols = 2, .nodes = {2}, .part_count = 1, .scale = 0.17},
        {.in = 2, .out = 4, .kernel_rows = 1, .kernel_cols = 2, .nodes = {2, 1}, .part_count = 2, .scale = 1},
    };
    const gd_tape tape = {.filters = filters, .filter_count = 3};
    gd_filter_values *values;
    gd_error error;
    check_ok(gd_filters_fold(&tape, &net, &weights, &values, &error), error);
    check_batch_norm(&values[0], 0);
    check_bias(&values[1], 0, 0.17);
    check_bias(&values[2], 0, 1);
    check_batch_norm(&values[2], 1);
    gd_filters_free(values, 3);
}

static void test_missing_weights(void **state)
{
    (void)state;
    gd_conv_weights convs[3] = {{0}, {kernel1, beta1, NULL, variance1}, {0}};
    const gd_weights weights = {.convs = convs, .count = 3, .path = "made.h5"};
    gd_filter filter = {
        .in = 2, .out = 3, .kernel_rows = 1, .kernel_cols = 2, .nodes = {1}, .part_count = 1, .scale = 1};
    const gd_tape tape = {.filters = &filter, .filter_count = 1};
    gd_filter_values *values;
    gd_error error = {""};
    assert_int_equal(gd_filters_fold(&tape, &net, &weights, &values, &error), GD_INTERNAL);
    assert_null(values);
    assert_non_null(strstr(error.message, "made.h5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_missing_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
