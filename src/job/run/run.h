/* Runs a decided render or proof, from reading the input to the written file. */
#ifndef GD_JOB_RUN_H
#define GD_JOB_RUN_H

#include "base/status.h"
#include "files/claims.h"
#include "job/decision.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"

/* The longest wait for another rank, in seconds: the decision's, or more than any window takes. */
double gd_run_deadline(const gd_decision *decision);

/* Renders, from `checkpoint` if it is not NULL. `decision` is the same on all ranks; profile, checkpoint and
 * claims (the locked output files) are used only on rank 0. After an error that the ranks have not agreed on
 * (gd_comm_agreed), the failing rank returns with the claims released, and must then end the other ranks.
 * Collective. */
gd_status gd_run(gd_comm *comm, const gd_decision *decision, const gd_profile *profile,
                 const gd_checkpoint *checkpoint, gd_claims *claims, gd_error *error) GD_CHECKED;

#endif
