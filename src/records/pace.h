/* Remaining time of a render from the speed of its last steps and the remaining work. Arithmetic only, with
 * the caller's clock. Not collective. */
#ifndef GD_RECORDS_PACE_H
#define GD_RECORDS_PACE_H

#include <stdint.h>

enum { GD_PACE_STEPS = 9 };

typedef struct gd_pace {
    double left;                /* remaining work, in any unit */
    double last;                /* end of the previous step, in seconds */
    double each[GD_PACE_STEPS]; /* seconds a unit of work, of the last steps; a ring buffer */
    int64_t count;              /* steps so far */
} gd_pace;

/* `work` is that of all remaining steps. */
void gd_pace_begin(gd_pace *pace, double work, double now);

/* Call it after a step of `work` units. */
void gd_pace_step(gd_pace *pace, double work, double now);

/* Remaining seconds; below 0 until two steps are done: the first step is not representative, because memory
 * and libraries are used for the first time. */
double gd_pace_left(const gd_pace *pace);

#endif
