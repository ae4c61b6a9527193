/* From the command line to a decision. */
#ifndef GD_CLI_DECIDE_H
#define GD_CLI_DECIDE_H

#include "base/status.h"
#include "job/claim.h"
#include "job/prepare.h"
#include "mpi/checkpoint/checkpoint_data.h"

/* Reads the command line, answers --help and --version on stdout, asks for layers on a terminal, finds the
 * weights and checks sizes and files. decision->options.action says what is left to do. *profile receives
 * what the input carries over to the output; the caller frees it, also after a failure. *checkpoint is what
 * the render, or its plan, goes on from, or NULL; the caller frees it. A render owns its files' names from
 * then on (*claims, which the caller releases). Rank 0 only. */
gd_status gd_decide(int argc, char *const *argv, int32_t ranks, gd_decision *decision, gd_profile *profile,
                    gd_checkpoint **checkpoint, gd_claims *claims, gd_error *error) GD_CHECKED;

#endif
