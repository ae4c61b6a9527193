/* How long a planned render will compute. */
#ifndef GD_PLAN_ESTIMATE_H
#define GD_PLAN_ESTIMATE_H

#include "base/status.h"
#include "engine/engine.h"
#include "plan/plan.h"

/* By what was measured here. */
typedef struct gd_estimate {
    double seconds; /* of computing; nothing that moves pixels is in it */
    double rate;    /* FLOP a second of one of the windows that are computed at a time, on the mean; 0: there
                       is nothing to compute */
    int32_t measured; /* window shapes; others are taken to have the mean rate */
} gd_estimate;

/* Computes plan->threads windows at a time, as the render does, in turn for the (up to four) shapes that nine
 * tenths of the work go to: pieces of their whole width, as high as four seconds for all of them allow. An
 * engine without weights is given some first, and is worth nothing else from then on. GD_BACKEND on a device
 * that is only described. Not collective. */
gd_status gd_estimate_measure(gd_engine *engine, const gd_plan *plan, gd_estimate *estimate,
                              gd_error *error) GD_CHECKED;

/* Seconds of computing, when each of plan->threads windows of a rank is computed at `rate`; 0 when that is
 * 0. */
double gd_estimate_seconds(const gd_plan *plan, double rate);

#endif
