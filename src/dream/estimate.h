/* How long a planned render will compute. */
#ifndef GD_DREAM_ESTIMATE_H
#define GD_DREAM_ESTIMATE_H

#include "base/status.h"
#include "dream/engine.h"
#include "dream/plan.h"

/* FLOP a second that one window of the plan's most laborious shape reaches on this device, of which at most a
 * part of 512 x 512 pixels (2048 x 2048 on a GPU) is computed, once to warm up and then for a second. An
 * engine without weights is given zeros first, and is worth nothing else from then on. GD_BACKEND on a device
 * that is only described. 0: there is nothing to compute. Not collective. */
gd_status gd_estimate_rate(gd_engine *engine, const gd_plan *plan, double *rate, gd_error *error) GD_CHECKED;

/* Seconds of computing, when each of plan->threads windows of a rank is computed at `rate`: as many windows
 * one after the other as the rank with most has. Nothing that moves pixels is in it. */
double gd_estimate_seconds(const gd_plan *plan, double rate);

#endif
