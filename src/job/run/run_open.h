/* Opens the resources of a render, before the first pixel. */
#ifndef GD_JOB_RUN_OPEN_H
#define GD_JOB_RUN_OPEN_H

#include "base/status.h"
#include "job/run/run_state.h"

#include <stdint.h>

/* Opens the engine and the transport, and fixes all settings that affect bits. Collective. */
gd_status gd_run_open_engine(gd_run_state *r, gd_error *error) GD_CHECKED;

/* Reads the rolls of --replay and broadcasts them. Collective. */
gd_status gd_run_share_replay(gd_run_state *r, gd_error *error) GD_CHECKED;

/* Counts the cores that the ranks of this host may use, as bound by mpirun, Slurm or taskset. Collective. */
gd_status gd_run_count_cores(gd_run_state *r, gd_error *error) GD_CHECKED;

/* Number of windows computed at the same time on this rank's share of cores. Not collective. */
int32_t gd_run_window_threads(const gd_run_state *r);

#endif
