/* Backoff for polling loops, so that a thread that waits leaves its core to threads that compute. */
#ifndef GD_MPI_BACKOFF_H
#define GD_MPI_BACKOFF_H

#include <stdint.h>

/* Zero-initialise it before a wait, and again after progress. */
typedef struct gd_backoff {
    int32_t rounds;
} gd_backoff;

/* Called after a poll without progress: returns immediately the first times, then sleeps for 50 to 200
 * microseconds. Not collective. */
void gd_backoff_pause(gd_backoff *backoff);

#endif
