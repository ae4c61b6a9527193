/* The cuda backend against the reference, operation by operation and the way back, in every precision.
 * Windows are odd, and just large enough. */
#include "kernels/cuda/cuda.h"
#include "kernels/match_case.h"
#include "kernels/ops_case.h"
#include "tools/v1_traits.h"

#include <stdlib.h>
#include <string.h>

static double bound_fp32(const net_case *c, int32_t o)
{
    (void)c;
    (void)o;
    return 1e-5;
}

/* Inputs of products have 11 bits in float16, rounded to nearest; results have as many. */
static double bound_11_bits(const net_case *c, int32_t o)
{
    (void)c;
    (void)o;
    return 1.5e-3;
}

/* TF32 keeps 10 bits behind the leading one. Tensor cores may cut off the rest: an input then loses less than
 * 2^-10 of itself, a product less than 2^-9, and all of them in the same direction. */
static double bound_tf32(const net_case *c, int32_t o)
{
    (void)c;
    (void)o;
    return 2e-3;
}

static double bound_8_bits(const net_case *c, int32_t o)
{
    (void)c;
    (void)o;
    return 1e-2;
}

static void check_net(gd_net *net, const char *layer, int32_t rows, int32_t cols, gd_rect focus,
                      gd_precision precision, const ops_bounds *bounds)
{
    net_case c;
    net_case_open_focused(&c, &gd_backend_cuda, net, layer, rows, cols, focus,
                          &(gd_device_options){.precision = precision});
    c.scale = c.tested.program->seed_scale;
    check_operations(&c, layer, bounds);
    check_way_back(&c, layer, bounds);
    net_case_free(&c);
}

static void check_focused(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                          gd_rect focus, gd_precision precision, const ops_bounds *bounds)
{
    check_net(gd_net_create(architecture), layer, rows, cols, focus, precision, bounds);
}

static const ops_bounds fp32 = {bound_fp32, 1e-3, 1e-4, NULL}, bf16 = {bound_8_bits, 5e-2, 1.5e-2, NULL},
                        eleven = {bound_11_bits, 1e-2, 2e-3, NULL};
/* At most 37 convolutions follow each other on the way back from mixed7, and each may lose 2^-9: 7 %. */
static const ops_bounds tf32 = {bound_tf32, 1e-2, 7e-2, NULL};

static void check_network(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                          gd_precision precision, const ops_bounds *bounds)
{
    check_focused(architecture, layer, rows, cols, (gd_rect){0}, precision, bounds);
}

/* Windows that shrink: a focus in two corners, on an edge and in the middle. */
static void test_shrunk(void **state)
{
    (void)state;
    static const gd_rect foci[] = {{0, 0, 48, 56}, {83, 66, 48, 56}, {50, 0, 40, 30}, {40, 50, 40, 40}};
    for (size_t i = 0; i < sizeof foci / sizeof *foci; i++)
        check_focused(GD_INCEPTION_V3, "mixed3", 131, 122, foci[i], GD_PRECISION_FP32, &fp32);
    check_focused(GD_INCEPTION_V3, "mixed9", 91, 83, (gd_rect){30, 40, 20, 10}, GD_PRECISION_BF16, &bf16);
    check_focused(GD_INCEPTION_RESNET_V2, "block17_1_mixed", 107, 101, (gd_rect){30, 60, 40, 41},
                  GD_PRECISION_BF16, &bf16);
}

/* Seeds that differ from channel to channel, and those that follow the activations. */
static void test_channels(void **state)
{
    (void)state;
    const gd_rect focus = {30, 40, 40, 30};
    check_focused(GD_INCEPTION_V3, "mixed1@channels", 115, 107, focus, GD_PRECISION_FP32, &fp32);
    check_focused(GD_INCEPTION_V3, "mixed1@channels", 115, 107, focus, GD_PRECISION_BF16, &bf16);
    check_focused(GD_INCEPTION_V3, "mixed1@channels", 115, 107, focus, GD_PRECISION_FP16, &eleven);
    check_network(GD_INCEPTION_RESNET_V2, "block35_2_mixed@channels", 83, 91, GD_PRECISION_BF16, &bf16);
}

/* Seeds from a guide's units. */
static void test_match(void **state)
{
    (void)state;
    const gd_rect focus = {30, 40, 40, 30};
    check_matches(&gd_backend_cuda, &(gd_device_options){.precision = GD_PRECISION_FP32});
    check_matches(&gd_backend_cuda, &(gd_device_options){.precision = GD_PRECISION_FP16});
    check_focused(GD_INCEPTION_V3, "mixed1@match", 115, 107, focus, GD_PRECISION_FP32, &fp32);
    check_focused(GD_INCEPTION_V3, "mixed1@match", 115, 107, focus, GD_PRECISION_FP16, &eleven);
    check_network(GD_INCEPTION_V1, "inception_3a/output@match", 61, 70, GD_PRECISION_BF16, &bf16);
}

/* Normalizations, pools that round up, and channels that are no multiples of 16: 24 in Caffe's version, 204
 * and 508 in the other. */
static void test_v1(void **state)
{
    (void)state;
    const gd_net_traits traits = v1_traits_5h();
    check_network(GD_INCEPTION_V1, "inception_4c/output", 61, 70, GD_PRECISION_FP32, &fp32);
    check_net(gd_net_create_as(GD_INCEPTION_V1, &traits), "inception_4b/output", 64, 48, (gd_rect){0},
              GD_PRECISION_FP16, &eleven);
    check_net(gd_net_create_as(GD_INCEPTION_V1, &traits), "pool2/3x3_s2", 90, 83, (gd_rect){40, 30, 24, 17},
              GD_PRECISION_BF16, &bf16);
}

static void test_v3_fp32(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed10", 91, 107, GD_PRECISION_FP32, &fp32);
}

static void test_v3_bf16(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed10", 107, 91, GD_PRECISION_BF16, &bf16);
}

static void test_v3_fp16(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed10", 91, 91, GD_PRECISION_FP16, &eleven);
}

static void test_v3_tf32(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed7", 91, 83, GD_PRECISION_TF32, &tf32);
}

static void test_resnet_bf16(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_RESNET_V2, "block8_10_mixed", 91, 91, GD_PRECISION_BF16, &bf16);
}

static void test_resnet_fp16(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_RESNET_V2, "block17_20_mixed", 83, 91, GD_PRECISION_FP16, &eleven);
}

/* The largest seed lands just below 2^-3, whatever the objective's weight, and only float16 is scaled. */
static void test_scale(void **state)
{
    (void)state;
    static const struct {
        gd_precision precision;
        double value, scale;
    } cases[] = {{GD_PRECISION_FP16, 0x1.8p-20, 0x1p+16},
                 {GD_PRECISION_FP16, -0x1p-17, 0x1p+13},
                 {GD_PRECISION_FP16, 3, 0x1p-5},
                 {GD_PRECISION_FP16, 0, 1},
                 {GD_PRECISION_BF16, 0x1.8p-20, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gd_error error = {{0}};
        gd_device *device = NULL;
        gd_program *program = NULL;
        gd_tensor tensor = {.channels = 16, .rows = 4, .cols = 4, .first_op = 0, .last_op = 1};
        gd_op ops[2] = {{.kind = GD_OP_SEED, .dst = {0, 0, 16}, .filter = -1, .value = cases[i].value / 4},
                        {.kind = GD_OP_SEED, .dst = {0, 0, 16}, .filter = -1, .value = cases[i].value}};
        gd_tape tape = {
            .rows = 4, .cols = 4, .tensors = &tensor, .tensor_count = 1, .ops = ops, .op_count = 2};
        check_ok(
            gd_backend_cuda.open(&(gd_device_options){.precision = cases[i].precision, .described = "h100"},
                                 &device, &error),
            error);
        check_ok(gd_backend_cuda.compile(device, &tape, &program, &error), error);
        assert_true(program->seed_scale == cases[i].scale);
        gd_backend_cuda.free(program);
        gd_backend_cuda.close(device);
    }
}

/* test_cuda_ops [PATTERN of tests' names] */
int main(int count, char **words)
{
    if (count > 1)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shrunk),      cmocka_unit_test(test_channels),
        cmocka_unit_test(test_match),       cmocka_unit_test(test_v1),
        cmocka_unit_test(test_scale),       cmocka_unit_test(test_v3_fp32),
        cmocka_unit_test(test_v3_bf16),     cmocka_unit_test(test_v3_fp16),
        cmocka_unit_test(test_v3_tf32),     cmocka_unit_test(test_resnet_bf16),
        cmocka_unit_test(test_resnet_fp16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
