/* Runs a decided render or proof, from reading the input to the written file. */
#ifndef GD_JOB_RUN_H
#define GD_JOB_RUN_H

#include "base/status.h"
#include "files/claims.h"
#include "job/decision.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"

/* Renders, from a checkpoint (NULL: anew). `decision` is the same on all ranks; profile, checkpoint and
 * claims (the files that are written) count on rank 0 only. A failure that the ranks did not agree on
 * (gd_comm_agreed) is returned on the rank that met it, with the claims released, which must then end the
 * others. Collective. */
gd_status gd_run(gd_comm *comm, const gd_decision *decision, const gd_profile *profile,
                 const gd_checkpoint *checkpoint, gd_claims *claims, gd_error *error) GD_CHECKED;

#endif
