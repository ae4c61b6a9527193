/* --proof: makes its files and describes them. */
#ifndef GD_JOB_RUN_PROOF_H
#define GD_JOB_RUN_PROOF_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "job/decision.h"
#include "mpi/comm.h"

enum { GD_PROOF_SHARE_BYTES = 128 };

/* "12 % of the picture's work", with the reason if it is more than a third. */
void gd_run_proof_share_text(double share, char text[GD_PROOF_SHARE_BYTES]);

/* Writes only NAME.proof-whole.jpg and NAME.proof-1.jpg to -3.jpg for an output NAME.EXT. Prints on stderr
 * the share of the picture's work, the content of the files and the time. Uses only `roll` of the parameters'
 * hooks. targets ([GD_PROOF_FILES], borrowed; the files), profile and text (for the pictures) are used only
 * on rank 0. Collective; errors as for gd_render. */
gd_status gd_run_proof(gd_comm *comm, const gd_engine *engine, const gd_decision *decision,
                       gd_target *targets, const gd_render_parameters *parameters, const gd_profile *profile,
                       const char *text, gd_error *error) GD_CHECKED;

#endif
