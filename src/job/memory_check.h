/* Memory check: whether each rank has the memory that the plan needs, or a disk for a scratch file. */
#ifndef GD_JOB_MEMORY_CHECK_H
#define GD_JOB_MEMORY_CHECK_H

#include "base/allowance.h"
#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "host/budget.h"
#include "job/decision.h"
#include "mpi/comm.h"
#include "plan/fit.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* Of one rank. */
typedef struct gd_memory_check {
    gd_budget budget;
    gd_fit fit;               /* on a device with memory of its own: nothing but zeros */
    char folder[GD_PATH_MAX]; /* of the scratch file, whether one is needed or not; "": none was found */
    bool folder_in_memory;    /* a file there takes memory too */
} gd_memory_check;

/* What this process takes beside the render, for gd_render_parameters: `resident` bytes at its start, and
 * what is added later. For the one of `ranks` that needs most. Not collective. */
gd_outside gd_memory_check_outside(const gd_decision *decision, int32_t ranks, uint64_t resident);

/* The budget of each of a host's `ranks`. Not collective. */
gd_budget gd_memory_check_budget(const gd_options *options, int32_t ranks);

/* What reading inputs may take: --memory, or all that this host has, since rank 0 reads before the others
 * hold anything; without what this process holds. Not collective. */
gd_allowance gd_memory_check_allowance(const gd_options *options);

/* Holds a rank's need against its budget, and finds the scratch's folder on this host. GD_USAGE when
 * --scratch cannot be used; memory->fit says whether the render fits. Not collective. */
gd_status gd_memory_check_find(const gd_engine *engine, const gd_options *options, const gd_need *need,
                               const gd_budget *budget, gd_memory_check *memory, gd_error *error) GD_CHECKED;

/* GD_USAGE, with the sentence that says what would fit, when the render does not fit into memory. Not
 * collective. */
gd_status gd_memory_check_refuse(const gd_engine *engine, const gd_render_parameters *parameters,
                                 int32_t ranks, const gd_need *need, const gd_memory_check *memory,
                                 gd_error *error) GD_CHECKED;

/* All of this, and what follows: the engine's planes go to a scratch where they must. Rank 0 plans for all;
 * `resident` as in gd_memory_check_outside. Before the first canvas is made. Collective, and agreed on. */
gd_status gd_memory_check_apply(gd_comm *comm, gd_engine *engine, const gd_decision *decision,
                                const gd_render_parameters *parameters, uint64_t resident,
                                gd_error *error) GD_CHECKED;

#endif
