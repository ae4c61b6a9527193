/* From the command line to a decision. */
#ifndef GD_CLI_DECIDE_H
#define GD_CLI_DECIDE_H

#include "base/status.h"
#include "files/claims.h"
#include "job/decision.h"
#include "job/resume.h"
#include "mpi/checkpoint/checkpoint_data.h"

#include <stdint.h>

/* Reads the command line with the files of flags that it names, asks for layers on a terminal, finds the
 * weights and checks sizes and files. decision->options.action says what is left to do. *resumed receives
 * what the input carries over to the output, and the checkpoint that the render, or its plan, continues from;
 * the caller frees both, also after a failure. A render owns its files' names from then on (*claims, which
 * the caller releases). Rank 0 only.
 */
gd_status gd_decide(int argc, char *const *argv, int32_t ranks, gd_decision *decision, gd_resumed *resumed,
                    gd_claims *claims, gd_error *error) GD_CHECKED;

#endif
