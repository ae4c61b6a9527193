/* How a thread waits for messages without taking the core from one that computes. */
#ifndef GD_MPI_BACKOFF_H
#define GD_MPI_BACKOFF_H

#include <stdint.h>

/* Zero-initialised at the start of a wait, and again after progress. */
typedef struct gd_backoff {
    int32_t rounds;
} gd_backoff;

/* Called after a test that found nothing: returns at once a few times, then sleeps, 50 to 200 microseconds.
 * Not collective. */
void gd_backoff_pause(gd_backoff *backoff);

#endif
