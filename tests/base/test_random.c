/* Tests random numbers: rolls and noise are spread as stated, and fixed by seed and purpose. */
#include "base/random.h"
#include "check.h"

#include <math.h>

static void rolls_stay_below_and_spread(void **state)
{
    (void)state;
    int64_t counts[10] = {0};
    for (uint32_t step = 0; step < 10000; step++) {
        int64_t roll = gd_random_below(1, GD_RANDOM_ROLL, 10, -4, 0, step);
        assert_in_range(roll, 0, 9);
        counts[roll]++;
    }
    for (int i = 0; i < 10; i++)
        assert_in_range(counts[i], 880, 1120); /* 4 standard deviations of 30 */
}

static void values_are_fixed_by_their_names(void **state)
{
    (void)state;
    int64_t first = gd_random_below(7, GD_RANDOM_ROLL, 1 << 30, -4, 1, 12);
    assert_int_equal(first, gd_random_below(7, GD_RANDOM_ROLL, 1 << 30, -4, 1, 12));
    assert_int_not_equal(first, gd_random_below(8, GD_RANDOM_ROLL, 1 << 30, -4, 1, 12));
    assert_int_not_equal(first, gd_random_below(7, GD_RANDOM_ROLL, 1 << 30, -3, 1, 12));
    assert_int_not_equal(first, gd_random_below(7, GD_RANDOM_ROLL, 1 << 30, -4, 2, 12));
    assert_int_not_equal(first, gd_random_below(7, GD_RANDOM_NOISE, 1 << 30, -4, 1, 12));
}

static void noise_is_standard_normal(void **state)
{
    (void)state;
    double sum = 0, squares = 0;
    const int side = 200, count = 3 * side * side;
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            double v[3];
            gd_random_normal3(1, y, x, v);
            for (int c = 0; c < 3; c++) {
                sum += v[c];
                squares += v[c] * v[c];
            }
        }
    }
    assert_true(fabs(sum / count) < 4 / sqrt(count));
    assert_true(fabs(squares / count - 1) < 4 * sqrt(2.0 / count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rolls_stay_below_and_spread),
        cmocka_unit_test(values_are_fixed_by_their_names),
        cmocka_unit_test(noise_is_standard_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
