/* An allowance never goes below zero, and remembers the first request that was too large. */
#include "check.h"

#include "base/allowance.h"

static void test_take(void **state)
{
    gd_allowance a = {.left = 100};
    gd_error error = {""};
    (void)state;
    assert_true(gd_allowance_take(NULL, UINT64_MAX));
    gd_allowance_give(NULL, 1);
    assert_true(gd_allowance_take(&a, 60));
    assert_false(gd_allowance_take(&a, 41));
    assert_false(gd_allowance_take(&a, UINT64_MAX));
    assert_int_equal(a.left, 40);
    assert_int_equal(a.refused, 41);
    gd_allowance_give(&a, 60);
    assert_true(gd_allowance_take(&a, 100));
    assert_int_equal(a.left, 0);
    a = (gd_allowance){.left = 3 << 20, .refused = 1 << 30};
    assert_int_equal(gd_allowance_refuse(&a, "x.tif", &error), GD_USAGE);
    assert_string_equal(error.message,
                        "x.tif: reading it takes 1.00 GiB more, and the memory budget has 3.00 MiB "
                        "left for it; give a larger --memory, or another file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_take)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
