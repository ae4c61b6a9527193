/* How long the rest of a render takes, from the speed of its last steps and the work that is known to come.
 * Arithmetic alone, on the caller's clock. Not collective. */
#ifndef GD_RECORDS_PACE_H
#define GD_RECORDS_PACE_H

#include <stdint.h>

enum { GD_PACE_STEPS = 9 };

typedef struct gd_pace {
    double left;                /* work to come, in any unit */
    double last;                /* when the step before ended, in seconds */
    double each[GD_PACE_STEPS]; /* seconds that a unit of work took, of the last steps; a ring */
    int64_t count;              /* steps so far */
} gd_pace;

/* work: of all steps to come. */
void gd_pace_begin(gd_pace *pace, double work, double now);

/* A step that was worth `work` has ended. */
void gd_pace_step(gd_pace *pace, double work, double now);

/* Seconds that are left; below 0 while nothing is known: the very first step, in which the processor's memory
 * and libraries are met for the first time, says nothing of those that follow. */
double gd_pace_left(const gd_pace *pace);

#endif
