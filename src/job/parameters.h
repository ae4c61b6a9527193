/* Derives a render's parameters, engine and plan from a decision. */
#ifndef GD_JOB_PARAMETERS_H
#define GD_JOB_PARAMETERS_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "job/decision.h"
#include "mpi/comm.h"
#include "plan/plan.h"

/* The parameters without hooks. `threads` is 1; the caller may change it. */
gd_render_parameters gd_parameters_of(const gd_decision *decision);

/* Sets the resume point from the decision's checkpoint, if there is one. */
void gd_parameters_resume(const gd_decision *decision, gd_render_parameters *parameters);

/* Opens the device of this rank on `cores` cores (0: all), with weights unless the action only plans. The
 * caller frees engine and net. Not collective. */
gd_status gd_parameters_engine(const gd_decision *decision, int32_t node_rank, int32_t cores, gd_net **net,
                               gd_engine **engine, gd_error *error) GD_CHECKED;

/* Completes the settings that depend on the open device and on the chosen transport. Not collective. */
gd_status gd_parameters_settle(const gd_engine *engine, gd_transport_kind transport, gd_decision *decision,
                               gd_error *error) GD_CHECKED;

/* The plan of the render or, with --proof, of the proof; other arguments as for gd_plan_create. The caller
 * frees the plan. Not collective. */
gd_status gd_parameters_plan(const gd_engine *engine, const gd_decision *decision,
                             const gd_render_parameters *parameters, int32_t ranks, gd_plan **plan,
                             gd_error *error) GD_CHECKED;

/* Rank 0 chooses the algorithm of each operation of each window (with --autotune by timing), and all ranks
 * adopt its choices. Choices from a checkpoint are kept. Does nothing on a backend without choices.
 * `demoted` receives, on rank 0, a sentence about the window with the most work off tensor cores
 * (gd_demotion_text); "" if there is none. Collective. */
gd_status gd_parameters_choose(gd_comm *comm, const gd_engine *engine, const gd_decision *decision,
                               char demoted[GD_DEMOTION_WORDS], gd_error *error) GD_CHECKED;

#endif
