/* Values as filters and tensors store them, against conversions written another way. */
#include "check.h"
#include "kernels/cuda/memory/stored.h"
#include "standin/values.h"

#include <math.h>
#include <string.h>

/* Every 16-bit pattern is read right, and written back as it was. */
static void check_patterns(gd_cuda_type type, gd_value_type twin)
{
    for (uint32_t bits = 0; bits < 65536; bits++) {
        const uint16_t half = (uint16_t)bits;
        uint16_t back = 0;
        const double value = gd_stored_get(type, &half, 0);
        const float expected = gd_value_load(twin, &half, 0);
        gd_stored_set(type, &back, 0, value);
        if (isnan(expected)) {
            assert_true(isnan(value) && isnan(gd_stored_get(type, &back, 0)));
            continue;
        }
        assert_true(value == (double)expected);
        assert_int_equal(back, half);
    }
}

/* float32 values of all exponents, and those between two 16-bit values and just beside, are rounded alike. */
static void check_rounding(gd_cuda_type type, gd_value_type twin)
{
    for (uint64_t i = 0; i < 400000; i++) {
        uint32_t bits = (uint32_t)(i * 2654435761u);
        if (i % 2)
            bits =
                (bits & 0xffff0000u) | (type == GD_CUDA_BF16 ? 0x8000u : bits & 0xe000u) | (uint32_t)(i % 3);
        float value;
        uint16_t ours = 0, theirs = 0;
        memcpy(&value, &bits, sizeof value);
        if (isnan(value))
            continue;
        gd_stored_set(type, &ours, 0, value);
        gd_value_store(twin, &theirs, 0, value);
        if (ours != theirs)
            fail_msg("%a is %04x, not %04x", value, theirs, ours);
    }
}

static void test_bf16(void **state)
{
    (void)state;
    check_patterns(GD_CUDA_BF16, GD_VALUE_BF16);
    check_rounding(GD_CUDA_BF16, GD_VALUE_BF16);
    assert_int_equal(gd_stored_bytes(GD_CUDA_BF16), 2);
}

static void test_f16(void **state)
{
    (void)state;
    check_patterns(GD_CUDA_F16, GD_VALUE_F16);
    check_rounding(GD_CUDA_F16, GD_VALUE_F16);
}

/* From double, rounded once: just above the middle goes up, although float32 would round it to the middle. */
static void test_once(void **state)
{
    (void)state;
    uint16_t half[3] = {0};
    gd_stored_set(GD_CUDA_F16, half, 1, 1 + 0x1p-11 + 0x1p-40);
    assert_int_equal(half[1], 0x3c01);
    gd_stored_set(GD_CUDA_F16, half, 1, 1 + 0x1p-11);
    assert_int_equal(half[1], 0x3c00);
    gd_stored_set(GD_CUDA_F16, half, 1, 1e-300);
    assert_int_equal(half[1], 0);
    gd_stored_set(GD_CUDA_F16, half, 1, -1e300);
    assert_int_equal(half[1], 0xfc00);
    assert_true(half[0] == 0 && half[2] == 0);
    float single[2] = {0};
    gd_stored_set(GD_CUDA_F32, single, 1, 0.1);
    assert_true(single[1] == 0.1F && gd_stored_get(GD_CUDA_F32, single, 1) == (double)0.1F);
    assert_int_equal(gd_stored_bytes(GD_CUDA_F32), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bf16), cmocka_unit_test(test_f16),
                                       cmocka_unit_test(test_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
