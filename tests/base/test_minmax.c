/* Smaller and larger of two integers, over the whole range of each type. */
#include "base/minmax.h"
#include "check.h"

static void of_32_bits(void **state)
{
    (void)state;
    assert_int_equal(gd_min_i32(INT32_MIN, INT32_MAX), INT32_MIN);
    assert_int_equal(gd_max_i32(INT32_MIN, INT32_MAX), INT32_MAX);
    assert_int_equal(gd_min_i32(3, -4), -4);
    assert_int_equal(gd_max_i32(3, -4), 3);
    assert_int_equal(gd_max_i32(5, 5), 5);
}

static void of_64_bits(void **state)
{
    (void)state;
    assert_true(gd_min_i64(INT64_MIN, INT64_MAX) == INT64_MIN);
    assert_true(gd_max_i64(INT64_MIN, INT64_MAX) == INT64_MAX);
    assert_true(gd_min_i64(INT64_C(1) << 32, 1) == 1);
    assert_true(gd_max_i64(INT64_C(1) << 32, 1) == INT64_C(1) << 32);
}

static void of_unsigned(void **state)
{
    (void)state;
    assert_true(gd_min_u64(UINT64_MAX, 1) == 1);
    assert_true(gd_max_u64(UINT64_MAX, 1) == UINT64_MAX);
    assert_true(gd_max_u64(UINT64_C(1) << 63, 0) == UINT64_C(1) << 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_32_bits),
        cmocka_unit_test(of_64_bits),
        cmocka_unit_test(of_unsigned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
