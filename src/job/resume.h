/* Resuming: restores a decision from a checkpoint. */
#ifndef GD_JOB_RESUME_H
#define GD_JOB_RESUME_H

#include "base/status.h"
#include "files/claims.h"
#include "job/decision.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"

/* The command line, and how to ask the user. */
typedef struct gd_resume_command {
    int argc;
    char *const *argv; /* borrowed */
    gd_confirm confirm;
} gd_resume_command;

/* Data from a checkpoint besides options and settings. */
typedef struct gd_resumed {
    gd_checkpoint *checkpoint; /* owned; NULL: a new render */
    gd_profile profile;        /* owned; the input's color profile, for the output */
} gd_resumed;

/* Finds the checkpoint's path (for a render, locks it in *claims), and decides whether to resume: from
 * --resume, or from the checkpoint that the same command left, unless --restart was given. Sets the
 * decision's files.checkpoint, files.resume and place, replaces its parsed options by those that apply, and
 * fills *facts and *resumed (the caller frees it, also after a failure). GD_USAGE if the checkpoint cannot be
 * used, or if it has other parameters (names them), unless the user confirms to start again. Rank 0 only. */
gd_status gd_resume_find(const gd_resume_command *command, gd_decision *decision, gd_settings_facts *facts,
                         gd_resumed *resumed, gd_claims *claims, gd_error *error) GD_CHECKED;

/* The options that apply when `checkpoint` (in the file `path`) is resumed with a command; *options is its
 * parsed form on entry. Without --resume, these are the command's, which must match the checkpoint's. With
 * --resume, they are the checkpoint's with the changes in argv. Permissions (--overwrite, --trust, --restart,
 * --quiet) come only from argv. *facts receives the settings of the checkpoint. GD_USAGE, naming each
 * difference, if the command differs. Not collective. */
gd_status gd_resume_options(int argc, char *const *argv, const char *path, const gd_checkpoint *checkpoint,
                            gd_options *options, gd_settings_facts *facts, gd_error *error) GD_CHECKED;

/* Refuses a resumed render if the input's length or CRC differ from those at the start (in the decision's
 * place, used only on rank 0). With --resume, checks it only if the input is read again. Does nothing for a
 * new render. Collective; all ranks return the same status. */
gd_status gd_resume_input(gd_comm *comm, const gd_decision *decision, gd_error *error) GD_CHECKED;

/* GD_USAGE, naming the difference, if the numerics of the checkpoint differ from those of this run. */
gd_status gd_resume_check(const gd_checkpoint *checkpoint, const gd_decision *decision, const char *numerics,
                          gd_error *error) GD_CHECKED;

#endif
