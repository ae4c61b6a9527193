/* Estimates the remaining time of a render from the median speed of its last steps. */
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

/* The median (the lower of two), so that outliers do not count: the first step of an octave, which includes
 * resampling and compiling the network, and checkpoints. */
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
