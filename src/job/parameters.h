/* From a decision to what a render needs: its parameters, and the engine that computes it. */
#ifndef GD_JOB_PARAMETERS_H
#define GD_JOB_PARAMETERS_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "job/decision.h"
#include "mpi/comm.h"
#include "plan/plan.h"

/* Without hooks; `threads` is the caller's to set when it is not 1. */
gd_render_parameters gd_parameters_of(const gd_decision *decision);

/* Starts them at the checkpoint that is continued, if there is one. */
void gd_parameters_resume(const gd_decision *decision, gd_render_parameters *parameters);

/* Opens what the decision names: the device of this rank, with weights unless the decision only plans, to
 * compute on `cores` (0: all). The caller frees engine and net. Not collective. */
gd_status gd_parameters_engine(const gd_decision *decision, int32_t node_rank, int32_t cores, gd_net **net,
                               gd_engine **engine, gd_error *error) GD_CHECKED;

/* Settles what follows from the device that is open, and from what --transport auto became: nothing is open
 * afterwards. Not collective. */
gd_status gd_parameters_settle(const gd_engine *engine, gd_transport_kind transport, gd_decision *decision,
                               gd_error *error) GD_CHECKED;

/* The plan of the render or, with --proof, of the proof; the other arguments are those of gd_plan_create. The
 * caller frees the plan. Not collective. */
gd_status gd_parameters_plan(const gd_engine *engine, const gd_decision *decision,
                             const gd_render_parameters *parameters, int32_t ranks, gd_plan **plan,
                             gd_error *error) GD_CHECKED;

/* Lets rank 0 choose how each operation of each window is computed (with --autotune by timing), and gives all
 * ranks its choice. What rank 0 has adopted from a checkpoint stays. Nothing happens on a backend that has no
 * choice. Collective. */
gd_status gd_parameters_choose(gd_comm *comm, const gd_engine *engine, const gd_decision *decision,
                               gd_error *error) GD_CHECKED;

#endif
