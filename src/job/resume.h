/* From a checkpoint back to a decision. */
#ifndef GD_JOB_RESUME_H
#define GD_JOB_RESUME_H

#include "base/status.h"
#include "job/claim.h"
#include "job/prepare.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"

#include <stdio.h>

/* Finds out where the render is saved (and, if it renders, owns that name from then on: *claims), and whether
 * it goes on from there: from --resume, or from the
 * checkpoint that the same command line left, unless --restart was given. Sets the decision's checkpoint,
 * resume, place and size, replaces its options (as parsed from argv) by those that hold, and fills *profile
 * (the caller frees it). *checkpoint is NULL when the render starts anew; the caller frees it. GD_USAGE when
 * the checkpoint cannot be used, or when it is of other parameters, naming these, unless a user at `terminal`
 * (NULL: there is none) wants to start anew. Rank 0 only. */
gd_status gd_resume_find(int argc, char *const *argv, FILE *terminal, gd_decision *decision,
                         gd_profile *profile, gd_checkpoint **checkpoint, gd_claims *claims,
                         gd_error *error) GD_CHECKED;

/* Notes length and CRC of the input's file in the decision's place (which counts on rank 0), or, in a render
 * that goes on, refuses a file that is not the one of the start; but with --resume only where it is read
 * again on the way. Collective, and agreed on. */
gd_status gd_resume_input(gd_comm *comm, gd_decision *decision, gd_error *error) GD_CHECKED;

/* Where a render with these options is saved on its way. GD_USAGE when it cannot be. */
gd_status gd_resume_name(const gd_options *options, char path[GD_PATH_MAX], gd_error *error) GD_CHECKED;

/* Refuses, naming the difference, when the numerics of the checkpoint are not those here. */
gd_status gd_resume_check(const gd_checkpoint *checkpoint, const gd_decision *decision, const char *numerics,
                          gd_error *error) GD_CHECKED;

#endif
