/* Numbers and schedules, and the sentences for what is neither. */
#include "check.h"

#include "text/schedule.h"

#include <math.h>
#include <string.h>

static gd_schedule parsed(const char *text)
{
    gd_schedule schedule;
    gd_error error;
    check_ok(gd_schedule_parse(text, "-ss", &schedule, &error), error);
    return schedule;
}

static void constant(void **state)
{
    (void)state;
    gd_schedule s = parsed("0.01");
    assert_true(s.start == 0.01 && s.end == 0.01);
    for (int i = 0; i < 5; i++)
        assert_true(gd_schedule_at(&s, i, 5) == 0.01);
}

static void ends_are_exact(void **state)
{
    (void)state;
    static const char *const texts[] = {"0.1:0.3", "0.1:0.3:linear", "0.1:0.3:cosine", "0.1:0.3:exp",
                                        "512:64"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gd_schedule s = parsed(texts[i]);
        assert_true(gd_schedule_at(&s, 0, 7) == s.start);
        assert_true(gd_schedule_at(&s, 6, 7) == s.end);
        assert_true(gd_schedule_at(&s, 0, 1) == s.start);
    }
}

static void curves_between(void **state)
{
    (void)state;
    gd_schedule linear = parsed("1:5"), cosine = parsed("1:5:cosine"), exponential = parsed("1:16:exp");
    assert_true(linear.curve == GD_CURVE_LINEAR);
    assert_true(fabs(gd_schedule_at(&linear, 1, 5) - 2) < 1e-12);
    assert_true(fabs(gd_schedule_at(&cosine, 1, 5) - (1 + 4 * (1 - sqrt(0.5)) / 2)) < 1e-12);
    assert_true(fabs(gd_schedule_at(&cosine, 2, 5) - 3) < 1e-12);
    assert_true(fabs(gd_schedule_at(&exponential, 1, 5) - 2) < 1e-12);
    assert_true(fabs(gd_schedule_at(&exponential, 3, 5) - 8) < 1e-12);
}

static void refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",     " 1",    "1 ",       "nan",          "inf",     "0x10",     "1e999", "1x",  "1:", ":1",
        "1:2:", "1:nan", "1:2:sine", "1:2:linear:3", "1:0:exp", "-1:1:exp", "1::2",  "--1", "1e", "."};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gd_schedule schedule = {-7, -7, GD_CURVE_LINEAR};
        gd_error error;
        assert_int_equal(gd_schedule_parse(texts[i], "-ss", &schedule, &error), GD_USAGE);
        assert_memory_equal(error.message, "-ss ", 4);
        assert_non_null(strstr(error.message, texts[i]));
        assert_true(schedule.start == -7);
    }
}

static void numbers(void **state)
{
    (void)state;
    double value = 0;
    assert_true(gd_number_parse("-1.5e-3", &value) && value == -1.5e-3);
    assert_true(gd_number_parse("+2", &value) && value == 2);
    assert_false(gd_number_parse("1,5", &value));
    assert_true(value == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant), cmocka_unit_test(ends_are_exact), cmocka_unit_test(curves_between),
        cmocka_unit_test(refused),  cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
