/* What progress writes, with a clock of the test's own. */
#include "check.h"

#include "cli/progress.h"

#include <stdio.h>
#include <string.h>

static char shown[65536];

/* A render of two octaves, each of `steps` steps of `seconds`, of 1000x2000 pixels. */
static void render(gd_progress_mode mode, int32_t steps, double seconds)
{
    gd_progress p;
    double now = 100;
    memset(shown, 0, sizeof shown);
    FILE *out = fmemopen(shown, sizeof shown, "w");
    assert_non_null(out);
    gd_progress_begin(&p, mode, out, -1, 1, steps, 2.0 * 2 * steps, now);
    for (int32_t octave = -1; octave < 1; octave++) {
        gd_progress_octave(&p, octave, 1000, 2000);
        for (int32_t step = 0; step < steps; step++)
            gd_progress_step(&p, step, now += seconds);
    }
    gd_progress_end(&p, now);
    fclose(out);
}

static int count(const char *what)
{
    int found = 0;
    for (const char *at = strstr(shown, what); at; at = strstr(at + 1, what))
        found++;
    return found;
}

static void quiet(void **state)
{
    (void)state;
    render(GD_PROGRESS_NONE, 5, 1);
    assert_string_equal(shown, "");
}

static void plain(void **state)
{
    (void)state;
    render(GD_PROGRESS_PLAIN, 80,
           0.05); /* short octaves: a line at their ends alone, and one for the whole */
    assert_int_equal(count("\n"), 3);
    assert_int_equal(count("\r"), 0);
    assert_int_equal(count("\033"), 0);
    assert_non_null(strstr(shown, "octave -1 (1 of 2) 2000x1000, step 80 of 80, 40 Mpx-steps/s, 4 s left\n"));
    assert_non_null(strstr(shown, "320 Mpx-steps in 8 s\n"));
    render(GD_PROGRESS_PLAIN, 10, 4); /* long steps: every third, and the ends */
    assert_int_equal(count("\n"), 4 + 4 + 1);
    assert_non_null(strstr(shown, "step 3 of 10, 0.5 Mpx-steps/s, 1:08 left"));
    render(GD_PROGRESS_PLAIN, 2, 3000);
    assert_non_null(strstr(shown, "1:40:00 left"));
}

static void rewritten(void **state)
{
    (void)state;
    render(GD_PROGRESS_LINE, 10, 1);
    assert_int_equal(count("\r"), 20);
    assert_int_equal(count("\n"), 2);
    assert_non_null(strstr(shown, "\033[K"));
    render(GD_PROGRESS_LINE, 80, 0.001); /* not faster than an eye can follow */
    assert_int_equal(count("\r"), 2);
}

static void modes(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(gd_progress_mode_of(1, file), GD_PROGRESS_NONE);
    assert_int_equal(gd_progress_mode_of(0, file), GD_PROGRESS_PLAIN);
    fclose(file);
    double before = gd_progress_clock();
    assert_true(gd_progress_clock() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet),
        cmocka_unit_test(plain),
        cmocka_unit_test(rewritten),
        cmocka_unit_test(modes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
