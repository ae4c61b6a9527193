/* The cpu backend against the reference, operation by operation and the way back. */
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/program.h"
#include "kernels/ops_case.h"

#include "tools/v1_traits.h"

#include <string.h>

static const char *name_of(const net_case *c, int32_t o)
{
    return gd_cpu_op_name(c->tested.program, o, 0);
}

static double bound_fp32(const net_case *c, int32_t o)
{
    const char *name = name_of(c, o);
    return name && strstr(name, "wino") ? 1e-4 : 1e-5;
}

static double bound_bf16(const net_case *c, int32_t o)
{
    (void)c;
    (void)o;
    return 1e-2;
}

static void check_net(gd_net *net, const char *layer, int32_t rows, int32_t cols, gd_rect focus,
                      const gd_device_options *options)
{
    /* bf16: half as much again as PyTorch's way back (0.9e-2 to mixed10, 1.0e-2 to block8_10; way_back in
     * fixtures/precision.h5). */
    static const ops_bounds fp32 = {bound_fp32, 1e-3, 1e-4, name_of},
                            bf16 = {bound_bf16, 5e-2, 1.5e-2, name_of};
    const ops_bounds *bounds = options->precision == GD_PRECISION_BF16 ? &bf16 : &fp32;
    net_case c;
    net_case_open_focused(&c, &gd_backend_cpu, net, layer, rows, cols, focus, options);
    check_operations(&c, layer, bounds);
    check_way_back(&c, layer, bounds);
    net_case_free(&c);
}

static void check_focused(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                          gd_rect focus, const gd_device_options *options)
{
    check_net(gd_net_create(architecture), layer, rows, cols, focus, options);
}

/* Inception V1 as Caffe has it and in a version like TensorFlow's, whole and with windows that shrink. */
static void check_v1(const gd_device_options *options)
{
    const gd_net_traits traits = v1_traits_5h();
    if (options->precision == GD_PRECISION_BF16 && !options->emulated_tiles && !gd_dnnl_get_isa().avx512)
        skip();
    check_net(gd_net_create(GD_INCEPTION_V1), "inception_5b/output", 91, 83, (gd_rect){0}, options);
    check_net(gd_net_create_as(GD_INCEPTION_V1, &traits), "inception_5b/output", 77, 96, (gd_rect){0},
              options);
    check_net(gd_net_create_as(GD_INCEPTION_V1, &traits), "inception_4b/output", 224, 190,
              (gd_rect){90, 80, 32, 56}, options);
    check_net(gd_net_create(GD_INCEPTION_V1), "inception_3b/5x5_reduce", 130, 111, (gd_rect){0, 50, 20, 61},
              options);
}

static void check_device(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                         const gd_device_options *options)
{
    check_focused(architecture, layer, rows, cols, (gd_rect){0}, options);
}

/* Windows that shrink: around a corner and an edge, or another edge and the middle. The lowering is the same
 * in all precisions, so that each of them has its half. */
static void check_shrunk(const gd_device_options *options, int half)
{
    static const gd_rect foci[2][2] = {{{0, 0, 64, 72}, {57, 140, 46, 60}},
                                       {{152, 40, 72, 33}, {90, 80, 32, 56}}};
    if (options->precision == GD_PRECISION_BF16 && !options->emulated_tiles && !gd_dnnl_get_isa().avx512)
        skip();
    for (int i = 0; i < 2; i++)
        check_focused(GD_INCEPTION_V3, "mixed4", 224, 200, foci[half][i], options);
    check_focused(GD_INCEPTION_V3, "mixed10", 91, 83, (gd_rect){30, 40, 20, 10}, options);
    check_focused(GD_INCEPTION_V3, "mixed1@channels", 115, 107, (gd_rect){30, 40, 40, 30}, options);
    check_focused(GD_INCEPTION_V3, "mixed1@match", 115, 107, (gd_rect){30, 40, 40, 30}, options);
    check_focused(GD_INCEPTION_RESNET_V2, "block35_2_mixed@channels", 91, 83, (gd_rect){0}, options);
    check_focused(GD_INCEPTION_RESNET_V2, "block17_2_mixed", 125, 118, (gd_rect){30, 80, 40, 38}, options);
}

static void check_network(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                          gd_precision precision)
{
    if (precision == GD_PRECISION_BF16 && !gd_dnnl_get_isa().avx512)
        skip();
    check_device(architecture, layer, rows, cols, &(gd_device_options){.precision = precision});
}

static void check_tiles(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols)
{
    check_device(architecture, layer, rows, cols,
                 &(gd_device_options){.precision = GD_PRECISION_BF16, .emulated_tiles = true});
}

static void test_shrunk_fp32(void **state)
{
    (void)state;
    check_shrunk(&(gd_device_options){.precision = GD_PRECISION_FP32}, 0);
}

static void test_shrunk_bf16(void **state)
{
    (void)state;
    check_shrunk(&(gd_device_options){.precision = GD_PRECISION_BF16}, 1);
}

static void test_shrunk_tiles(void **state)
{
    (void)state;
    check_shrunk(&(gd_device_options){.precision = GD_PRECISION_BF16, .emulated_tiles = true}, 1);
}

static void test_v3_fp32(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed10", 91, 83, GD_PRECISION_FP32);
}

static void test_v3_bf16(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed10", 107, 139, GD_PRECISION_BF16);
}

static void test_v3_tiles(void **state)
{
    (void)state;
    check_tiles(GD_INCEPTION_V3, "mixed10", 107, 139);
}

static void test_resnet_fp32(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_RESNET_V2, "block8_10_mixed", 83, 77, GD_PRECISION_FP32);
}

static void test_resnet_bf16(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_RESNET_V2, "block8_10_mixed", 91, 107, GD_PRECISION_BF16);
}

static void test_resnet_tiles(void **state)
{
    (void)state;
    check_tiles(GD_INCEPTION_RESNET_V2, "block8_10_mixed", 91, 107);
}

static void test_v1_fp32(void **state)
{
    (void)state;
    check_v1(&(gd_device_options){.precision = GD_PRECISION_FP32});
}

static void test_v1_bf16(void **state)
{
    (void)state;
    check_v1(&(gd_device_options){.precision = GD_PRECISION_BF16});
}

static void test_v1_tiles(void **state)
{
    (void)state;
    check_v1(&(gd_device_options){.precision = GD_PRECISION_BF16, .emulated_tiles = true});
}

/* test_cpu_ops [PATTERN of tests' names] */
int main(int count, char **words)
{
    if (count > 1)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_v1_fp32),     cmocka_unit_test(test_v1_bf16),
        cmocka_unit_test(test_v1_tiles),    cmocka_unit_test(test_shrunk_fp32),
        cmocka_unit_test(test_shrunk_bf16), cmocka_unit_test(test_shrunk_tiles),
        cmocka_unit_test(test_v3_fp32),     cmocka_unit_test(test_v3_bf16),
        cmocka_unit_test(test_v3_tiles),    cmocka_unit_test(test_resnet_fp32),
        cmocka_unit_test(test_resnet_bf16), cmocka_unit_test(test_resnet_tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
