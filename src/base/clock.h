/* A clock that only goes forward. */
#ifndef GD_BASE_CLOCK_H
#define GD_BASE_CLOCK_H

#include <time.h>

/* Seconds since some moment of the past. */
static inline double gd_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
