/* What progress writes, with a clock of the test's own. */
#include "check.h"

#include "base/clock.h"
#include "records/progress.h"

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
    gd_progress_begin(&p, mode, out, -1, 1, steps, 2.0 * steps, now);
    for (int32_t octave = -1; octave < 1; octave++) {
        gd_progress_octave(&p, octave, 1000, 2000, 1);
        if (octave == -1)
            gd_progress_await(&p, 0);
        for (int32_t step = 0; step < steps; step++)
            gd_progress_step(&p, step, now += seconds);
    }
    gd_progress_end(&p);
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
           0.05); /* short octaves: a line at their ends alone, and one before the first step ends */
    assert_int_equal(count("\n"), 3);
    assert_non_null(strstr(shown, "octave 1 of 2, 2000 x 1000, step 1 of 80 ...\n"));
    assert_int_equal(count("\r"), 0);
    assert_int_equal(count("\033"), 0);
    assert_non_null(strstr(shown, "octave 1 of 2, 2000 x 1000, step 80 of 80, 4 s left\n"));
    render(GD_PROGRESS_PLAIN, 10, 4); /* long steps: every third, and the ends */
    assert_int_equal(count("\n"), 4 + 4 + 1);
    assert_non_null(strstr(shown, "step 3 of 10, 1:08 left"));
    render(GD_PROGRESS_PLAIN, 2, 3000);
    assert_non_null(
        strstr(shown, "octave 1 of 2, 2000 x 1000, step 1 of 2\n")); /* no estimate after one step */
    assert_non_null(strstr(shown, "1:40:00 left"));
}

static void rewritten(void **state)
{
    (void)state;
    render(GD_PROGRESS_LINE, 10, 1);
    assert_int_equal(count("\033[K"), 21);
    assert_int_equal(count("\n"), 1);
    assert_non_null(strstr(shown, "\033[?7h\r"));
    render(GD_PROGRESS_LINE, 80, 0.001); /* not faster than an eye can follow */
    assert_int_equal(count("\033[K"), 3);
}

static void written(void **state)
{
    (void)state;
    static const struct {
        int64_t bytes;
        double seconds;
        const char *line;
    } cases[] = {
        {203456, 13.8, "wrote dream.jpg, 640 x 427, 0.2 MB, 14 s\n"},
        {1234, 0.2, "wrote dream.jpg, 640 x 427, 1.2 kB, 0.2 s\n"},
        {23456789, 80, "wrote dream.jpg, 640 x 427, 23 MB, 1:20\n"},
        {3456789012, 7325, "wrote dream.jpg, 640 x 427, 3.5 GB, 2:02:05\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memset(shown, 0, sizeof shown);
        FILE *out = fmemopen(shown, sizeof shown, "w");
        assert_non_null(out);
        gd_progress_wrote(out, "dream.jpg", 427, 640, cases[i].bytes, cases[i].seconds);
        fclose(out);
        assert_string_equal(shown, cases[i].line);
    }
}

static void modes(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(gd_progress_mode_of(1, file), GD_PROGRESS_NONE);
    assert_int_equal(gd_progress_mode_of(0, file), GD_PROGRESS_PLAIN);
    fclose(file);
    double before = gd_clock();
    assert_true(gd_clock() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet),   cmocka_unit_test(plain), cmocka_unit_test(rewritten),
        cmocka_unit_test(written), cmocka_unit_test(modes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
