/* Turns the command line into a decision. */
#ifndef GD_CLI_DECIDE_H
#define GD_CLI_DECIDE_H

#include "base/status.h"
#include "files/claims.h"
#include "job/decision.h"
#include "job/resume.h"
#include "mpi/checkpoint/checkpoint_data.h"

#include <stdint.h>

/* Reads the command line and its parameter files, asks for layers on a terminal, finds the weights and checks
 * sizes and files. decision->options.action states the remaining action. *resumed receives the input's color
 * profile and the checkpoint that the render or its plan continues from. The caller frees both, also after a
 * failure. *claims locks the names of a render's files; the caller releases it. Rank 0 only. */
gd_status gd_decide(int argc, char *const *argv, int32_t ranks, gd_decision *decision, gd_resumed *resumed,
                    gd_claims *claims, gd_error *error) GD_CHECKED;

#endif
