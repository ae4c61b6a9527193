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

/* Memory of one rank: its budget and how the render fits. */
typedef struct gd_memory_check {
    gd_budget budget;
    gd_fit fit;               /* on a device with its own memory: all zero */
    char folder[GD_PATH_MAX]; /* for a scratch file, even if not needed; "": none found */
    bool folder_in_memory;    /* files there use memory */
} gd_memory_check;

/* Memory of this process besides the plan, for gd_render_parameters: `resident` bytes at the start, plus
 * later additions. For the rank with the most of `ranks`. Not collective. */
gd_outside gd_memory_check_outside(const gd_decision *decision, int32_t ranks, uint64_t resident);

/* Memory for resampling a picture to another size while it is read row by row. Not collective. */
uint64_t gd_memory_check_rows(gd_extent from, gd_extent to);

/* Memory for reading the input row by row into rows x cols pixels; 0 if it is noise. Not collective. */
uint64_t gd_memory_check_reader(const gd_decision *decision, int64_t rows, int64_t cols);

/* The budget of each of the `ranks` ranks of a host. Not collective. */
gd_budget gd_memory_check_budget(const gd_options *options, int32_t ranks);

/* Memory for reading inputs: the budget of each of the `ranks` ranks of this host that read at this time,
 * minus the current use of this process. Not collective. */
gd_allowance gd_memory_check_allowance(const gd_options *options, int32_t ranks);

/* Compares a rank's need with its budget, and finds the scratch folder on this host. GD_USAGE if --scratch
 * cannot be used. memory->fit states whether the render fits. Not collective. */
gd_status gd_memory_check_find(const gd_engine *engine, const gd_options *options, const gd_need *need,
                               const gd_budget *budget, gd_memory_check *memory, gd_error *error) GD_CHECKED;

/* GD_USAGE, with a message that states what would fit, if the render does not fit into memory. Not
 * collective. */
gd_status gd_memory_check_refuse(const gd_engine *engine, const gd_render_parameters *parameters,
                                 int32_t ranks, const gd_need *need, const gd_memory_check *memory,
                                 gd_error *error) GD_CHECKED;

/* Performs all these checks and, if necessary, gives the engine a block cache for its planes. Rank 0 plans
 * for all ranks; `resident` as in gd_memory_check_outside. Call it before the first canvas is created.
 * Collective; all ranks return the same status. */
gd_status gd_memory_check_apply(gd_comm *comm, gd_engine *engine, const gd_decision *decision,
                                const gd_render_parameters *parameters, uint64_t resident,
                                gd_error *error) GD_CHECKED;

#endif
