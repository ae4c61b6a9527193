/* Reads CLOCK_MONOTONIC, for durations and for deadlines. */
#include "base/clock.h"

#include <math.h>

static const double longest = 1e9; /* seconds that still fit every time_t */
static const long second = 1000000000;

double gd_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct timespec gd_clock_after(double seconds)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    const double bounded = fmin(seconds, longest), whole = floor(bounded);
    t.tv_sec += (time_t)whole;
    t.tv_nsec += (long)((bounded - whole) * (double)second);
    if (t.tv_nsec >= second) {
        t.tv_nsec -= second;
        t.tv_sec++;
    }
    return t;
}

void gd_clock_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}
