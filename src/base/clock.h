/* A clock that only goes forward. */
#ifndef GD_BASE_CLOCK_H
#define GD_BASE_CLOCK_H

#include <time.h>

/* Seconds since some moment of the past. */
double gd_clock(void);

/* The moment `seconds` (at least 0) from now, for pthread_cond_timedwait with a condition variable on
 * CLOCK_MONOTONIC. More than 30 years, or infinity, count as 30 years. */
struct timespec gd_clock_after(double seconds);

#endif
