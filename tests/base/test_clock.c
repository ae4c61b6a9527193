/* The clock only goes forward, and deadlines lie as far ahead as asked. */
#include "base/clock.h"
#include "check.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>

static double seconds_of(struct timespec t)
{
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void goes_forward(void **state)
{
    (void)state;
    const struct timespec nap = {0, 2000000};
    double before = gd_clock();
    for (int i = 0; i < 1000; i++) {
        const double now = gd_clock();
        assert_true(now >= before);
        before = now;
    }
    nanosleep(&nap, NULL);
    assert_true(gd_clock() - before >= 0.002);
}

static void deadlines_lie_ahead(void **state)
{
    (void)state;
    static const double spans[] = {0, 1e-9, 0.25, 0.999999999, 1, 1.5, 1e6};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        const double before = gd_clock();
        const struct timespec end = gd_clock_after(spans[i]);
        const double after = gd_clock();
        assert_in_range(end.tv_nsec, 0, 999999999);
        assert_true(seconds_of(end) >= before + spans[i] - 1e-6);
        assert_true(seconds_of(end) <= after + spans[i] + 1e-6);
    }
}

static void endless_deadlines_are_bounded(void **state)
{
    (void)state;
    const double before = gd_clock();
    assert_true(fabs(seconds_of(gd_clock_after(INFINITY)) - before - 1e9) < 10);
    assert_true(fabs(seconds_of(gd_clock_after(1e300)) - before - 1e9) < 10);
}

static void a_condition_waits_until_then(void **state)
{
    (void)state;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&condition, &attributes);
    const double before = gd_clock();
    const struct timespec end = gd_clock_after(0.02);
    int result = 0;
    pthread_mutex_lock(&mutex);
    while (result == 0)
        result = pthread_cond_timedwait(&condition, &mutex, &end);
    pthread_mutex_unlock(&mutex);
    assert_int_equal(result, ETIMEDOUT);
    assert_true(gd_clock() - before >= 0.02);
    pthread_cond_destroy(&condition);
    pthread_condattr_destroy(&attributes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_forward),
        cmocka_unit_test(deadlines_lie_ahead),
        cmocka_unit_test(endless_deadlines_are_bounded),
        cmocka_unit_test(a_condition_waits_until_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
