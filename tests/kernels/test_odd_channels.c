/* A network whose channels are no multiples of any block, cut and joined at such places: forward, and back
 * with masks, winners and sums, against the reference, on every way that the cpu backend has here. What lies
 * between the channels must never show: arenas are NaN to begin with. */
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/program.h"
#include "kernels/ops_case.h"
#include "net/architecture.h"

#include <stdlib.h>

/* Merged siblings of 20 | 48, parts of a concat that begin at 204, 284, 308 and 432, a residual, both pools.
 */
static gd_net *odd_net(int32_t first_kernel)
{
    gd_architecture_table *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->net =
        (gd_net){.nodes = t->nodes, .layers = t->layers, .smallest_input = 75, .name = "odd", .title = "odd"};
    t->nodes[t->net.node_count++] =
        (gd_node){.kind = GD_NODE_INPUT, .channels = 3, .stride = 1, .conv_index = -1};
    int32_t x = gd_add_conv_valid(t, 0, 24, first_kernel, 2);
    x = gd_add_max_pool(t, gd_add_conv(t, x, 40, 3, 3));
    int32_t a[4] = {gd_add_conv(t, x, 204, 1, 1), gd_add_conv(t, gd_add_conv(t, x, 48, 1, 1), 80, 5, 5),
                    gd_add_conv(t, gd_add_conv(t, x, 20, 1, 1), 24, 3, 3), gd_add_pool_branch(t, x, 12)};
    x = gd_add_concat(t, "a", 4, a);
    int32_t b[3] = {gd_add_conv_valid(t, x, 112, 3, 2),
                    gd_add_conv_valid(t, gd_add_conv(t, x, 24, 1, 1), 36, 3, 2), gd_add_max_pool(t, x)};
    x = gd_add_concat(t, "b", 3, b);
    x = gd_add_residual(t, "sum", x, gd_add_conv(t, gd_add_conv(t, x, 44, 1, 7), 52, 7, 1), 0.5, true);
    int32_t c[2] = {gd_add_conv(t, x, 508, 1, 1), gd_add_conv(t, gd_add_conv(t, x, 18, 1, 1), 100, 3, 3)};
    gd_add_concat(t, "c", 2, c);
    return &t->net;
}

static const char *name_of(const net_case *c, int32_t o)
{
    return gd_cpu_op_name(c->tested.program, o, 0);
}

static double bound_fp32(const net_case *c, int32_t o)
{
    (void)c;
    (void)o;
    return 1e-4; /* Winograd's; see test_cpu_ops */
}

static double bound_bf16(const net_case *c, int32_t o)
{
    (void)c;
    (void)o;
    return 1e-2;
}

static void check(int32_t first_kernel, const gd_device_options *options)
{
    static const ops_bounds fp32 = {bound_fp32, 1e-3, 1e-4, name_of},
                            bf16 = {bound_bf16, 5e-2, 1.5e-2, name_of};
    const ops_bounds *bounds = options->precision == GD_PRECISION_BF16 ? &bf16 : &fp32;
    net_case c;
    static const char *const layers[] = {"c", "b@match"};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        net_case_open(&c, &gd_backend_cpu, odd_net(first_kernel), layers[i], 93, 81, options);
        check_operations(&c, layers[i], bounds);
        check_way_back(&c, layers[i], bounds);
        net_case_free(&c);
    }
}

static void test_fp32(void **state)
{
    (void)state;
    check(3, &(gd_device_options){.precision = GD_PRECISION_FP32});
}

static void test_bf16(void **state)
{
    (void)state;
    if (!gd_dnnl_get_isa().avx512)
        skip();
    check(3, &(gd_device_options){.precision = GD_PRECISION_BF16});
}

static void test_tiles(void **state)
{
    (void)state;
    check(7, &(gd_device_options){.precision = GD_PRECISION_BF16, .emulated_tiles = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fp32),
        cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
