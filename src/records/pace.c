/* Estimates the rest of a render from the median speed of its last steps. */
#include "records/pace.h"

#include <math.h>

void gd_pace_begin(gd_pace *pace, double work, double now)
{
    *pace = (gd_pace){.left = work, .last = now};
}

void gd_pace_step(gd_pace *pace, double work, double now)
{
    pace->each[pace->count++ % GD_PACE_STEPS] = (now - pace->last) / work;
    pace->left = fmax(0, pace->left - work);
    pace->last = now;
}

/* The median, the lower one of two: neither the first step of an octave, in which the canvas changes its size
 * and the network is made ready for it, nor a checkpoint on the way counts for all that is to come. */
static double usual(const gd_pace *pace)
{
    double sorted[GD_PACE_STEPS];
    int count = 0;
    for (; count < pace->count && count < GD_PACE_STEPS; count++) {
        int at = count;
        for (; at > 0 && sorted[at - 1] > pace->each[count]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = pace->each[count];
    }
    return sorted[(count - 1) / 2];
}

double gd_pace_left(const gd_pace *pace)
{
    return pace->count > 1 ? pace->left * usual(pace) : -1;
}
