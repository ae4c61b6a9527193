/* --dry-run and --dump-tape: what a render would do, without rendering. */
#ifndef GD_JOB_DRY_RUN_H
#define GD_JOB_DRY_RUN_H

#include "base/status.h"
#include "job/decision.h"

#include <stdint.h>

/* Prints the plan for `ranks` ranks (or --ranks), `node_ranks` of them on each host (with --ranks: one), or
 * the tape of the largest window, to stdout. What follows from the device is settled in *decision. Not
 * collective. */
gd_status gd_dry_run(gd_decision *decision, int32_t ranks, int32_t node_ranks, gd_error *error) GD_CHECKED;

#endif
