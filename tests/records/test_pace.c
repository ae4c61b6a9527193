/* The time that is left, in renders that are simulated with a clock of the test's own. */
#include "check.h"

#include "records/pace.h"

#include <math.h>

enum { OCTAVES = 6, STEPS = 20 };

/* Work of a step: each octave has 1.2 times the sides of the one before. */
static double work_of(int octave)
{
    return 63e3 * pow(1.44, octave);
}

/* Seconds of a step of a machine that takes two a million pixels, now a little more and now less. A first
 * step takes longer, since the network is made ready for the octave's size. */
static double seconds_of(int octave, int step)
{
    const double usual = 2e-6 * work_of(octave) * (1 + 0.08 * sin(7.0 * octave + 3.0 * step));
    return step > 0 ? usual : usual + (octave == 0 ? 1.5 : 0.15);
}

static double rest(int octave, int step)
{
    double seconds = 0;
    for (int o = octave; o < OCTAVES; o++)
        for (int s = o == octave ? step + 1 : 0; s < STEPS; s++)
            seconds += seconds_of(o, s);
    return seconds;
}

static double all_work(void)
{
    double work = 0;
    for (int o = 0; o < OCTAVES; o++)
        work += STEPS * work_of(o);
    return work;
}

/* Within 20 % from the end of the first octave on, until half a second is left. The mean so far, which the
 * first octave's first step spoils, is far off at the same place. */
static void octaves_that_grow(void **state)
{
    (void)state;
    gd_pace pace;
    double now = 100, done = 0;
    gd_pace_begin(&pace, all_work(), now);
    assert_true(gd_pace_left(&pace) < 0);
    for (int o = 0; o < OCTAVES; o++) {
        for (int s = 0; s < STEPS; s++) {
            gd_pace_step(&pace, work_of(o), now += seconds_of(o, s));
            done += work_of(o);
            const double left = gd_pace_left(&pace), right = rest(o, s);
            if ((o > 0 || s == STEPS - 1) && fabs(left - right) > 0.2 * fmax(right, 0.5))
                fail_msg("octave %d, step %d: %g s are left, not %g", o, s, right, left);
            const double mean = (all_work() - done) / done * (now - 100);
            if (o == 0 && s == STEPS - 1)
                assert_true(fabs(mean - right) > 0.4 * right);
        }
    }
    assert_true(gd_pace_left(&pace) < 1e-9);
}

/* A checkpoint of a minute between two steps of a second changes nothing; a machine that has become twice as
 * slow is noticed within nine steps. */
static void steps_that_change(void **state)
{
    (void)state;
    gd_pace pace;
    double now = 0;
    gd_pace_begin(&pace, 100, now);
    for (int i = 0; i < 20; i++)
        gd_pace_step(&pace, 1, now += i == 15 ? 61 : 1);
    assert_true(fabs(gd_pace_left(&pace) - 80) < 1e-9);
    for (int i = 0; i < 9; i++)
        gd_pace_step(&pace, 1, now += 2);
    assert_true(fabs(gd_pace_left(&pace) - 142) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octaves_that_grow),
        cmocka_unit_test(steps_that_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
