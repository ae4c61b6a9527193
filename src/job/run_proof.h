/* --proof: makes its files and describes them. */
#ifndef GD_JOB_RUN_PROOF_H
#define GD_JOB_RUN_PROOF_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "job/decision.h"
#include "mpi/comm.h"

enum { GD_PROOF_SHARE_BYTES = 128 };

/* "12 % of the picture's work", with the reason when it is more than a third. */
void gd_run_proof_share_text(double share, char text[GD_PROOF_SHARE_BYTES]);

/* Writes NAME.proof-whole.jpg and NAME.proof-1.jpg to -3.jpg for an output NAME.EXT, and nothing else, and
 * tells on stderr what share of the picture's work this takes, what they show, and how long it took. Of the
 * parameters' hooks `roll` alone is used. targets ([GD_PROOF_FILES], borrowed; where they are written),
 * profile and text (for the pictures) count on rank 0 only. Collective, and fails as gd_render does. */
gd_status gd_run_proof(gd_comm *comm, const gd_engine *engine, const gd_decision *decision,
                       gd_target *targets, const gd_render_parameters *parameters, const gd_profile *profile,
                       const char *text, gd_error *error) GD_CHECKED;

#endif
