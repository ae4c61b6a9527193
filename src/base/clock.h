/* A monotonic clock. */
#ifndef GD_BASE_CLOCK_H
#define GD_BASE_CLOCK_H

#include <pthread.h>
#include <time.h>

/* Seconds since an arbitrary time in the past. */
double gd_clock(void);

/* The time `seconds` (at least 0) from now, for pthread_cond_timedwait with a condition variable on
 * CLOCK_MONOTONIC. At most about 30 years; infinity is allowed. */
struct timespec gd_clock_after(double seconds);

/* Makes such a condition variable; the caller destroys it. */
void gd_clock_condition(pthread_cond_t *condition);

#endif
