/* --dry-run and --dump-tape: describe a render without rendering. */
#ifndef GD_JOB_DRY_RUN_H
#define GD_JOB_DRY_RUN_H

#include "base/status.h"
#include "job/decision.h"

#include <stdint.h>

/* Prints to stdout the plan for `ranks` ranks (or --ranks), with `node_ranks` on each host (with --ranks:
 * one), or the tape of the largest window. Completes the settings in *decision that depend on the device. Not
 * collective. */
gd_status gd_dry_run(gd_decision *decision, int32_t ranks, int32_t node_ranks, gd_error *error) GD_CHECKED;

#endif
