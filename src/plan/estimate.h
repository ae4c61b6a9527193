/* Estimates the computing time of a planned render. */
#ifndef GD_PLAN_ESTIMATE_H
#define GD_PLAN_ESTIMATE_H

#include "base/status.h"
#include "engine/engine.h"
#include "plan/plan.h"

/* Based on measurements on this machine. */
typedef struct gd_estimate {
    double seconds; /* computing time only, without I/O and communication */
    double
        rate; /* mean FLOP a second of one of the windows computed at the same time; 0: nothing to compute */
    int32_t measured; /* number of measured window shapes; others get the mean rate */
} gd_estimate;

/* Measures the shapes with the most work, up to four or 90 % of all work. Computes plan->threads windows at a
 * time, as the render does: pieces of a window's full width, with as many rows as a total of four seconds
 * allows. An engine without weights gets arbitrary ones and must not be used for a render afterwards.
 * GD_BACKEND on a device that is only described. Not collective. */
gd_status gd_estimate_measure(gd_engine *engine, const gd_plan *plan, gd_estimate *estimate,
                              gd_error *error) GD_CHECKED;

/* Computing time in seconds if each of plan->threads windows of a rank is computed at `rate`; 0 if `rate` is
 * 0. */
double gd_estimate_seconds(const gd_plan *plan, double rate);

#endif
