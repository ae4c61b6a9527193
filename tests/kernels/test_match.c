/* Of guide's units with equal products the first is matched, on the reference and on processors. */
#include "check.h"
#include "kernels/cpu/cpu.h"
#include "kernels/match_case.h"

static void test_reference(void **state)
{
    (void)state;
    check_matches(&gd_backend_reference, &(gd_device_options){0});
}

static void test_fp32(void **state)
{
    (void)state;
    check_matches(&gd_backend_cpu, &(gd_device_options){.precision = GD_PRECISION_FP32});
}

static void test_bf16(void **state)
{
    (void)state;
    if (!gd_dnnl_get_isa().avx512)
        skip();
    check_matches(&gd_backend_cpu, &(gd_device_options){.precision = GD_PRECISION_BF16});
}

static void test_tiles(void **state)
{
    (void)state;
    check_matches(&gd_backend_cpu,
                  &(gd_device_options){.precision = GD_PRECISION_BF16, .emulated_tiles = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_fp32),
        cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
