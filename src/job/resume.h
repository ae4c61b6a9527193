/* Resuming: from a checkpoint back to a decision. */
#ifndef GD_JOB_RESUME_H
#define GD_JOB_RESUME_H

#include "base/status.h"
#include "files/claims.h"
#include "job/decision.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"

/* The command, and whom to ask. */
typedef struct gd_resume_command {
    int argc;
    char *const *argv; /* borrowed */
    gd_confirm confirm;
} gd_resume_command;

/* What a checkpoint brings beside options and settings. */
typedef struct gd_resumed {
    gd_checkpoint *checkpoint; /* owned; NULL: the render starts anew */
    gd_profile profile;        /* owned; what the input carries over to the output */
} gd_resumed;

/* Finds out where the render is saved (and, if it renders, owns that name from then on: *claims), and whether
 * it continues from there: from --resume, or from the checkpoint that the same command left, unless --restart
 * was given. Sets the decision's files.checkpoint, files.resume and place, replaces its options (as parsed)
 * by those that hold, and fills *facts and *resumed (which the caller frees, also after a failure). GD_USAGE
 * when the checkpoint cannot be used, or is of other parameters, naming these, unless a user confirms to
 * start anew. Rank 0 only. */
gd_status gd_resume_find(const gd_resume_command *command, gd_decision *decision, gd_settings_facts *facts,
                         gd_resumed *resumed, gd_claims *claims, gd_error *error) GD_CHECKED;

/* The options that hold when `checkpoint` (of the file `path`) is resumed with a command, whose parsed form
 * is *options: those of the command where it is the same one, and, with --resume, those of the checkpoint
 * with what argv changes. Permissions (--overwrite, --trust, --restart, --quiet) are argv's alone. *facts
 * receives the settings that stay. GD_USAGE, naming each difference, when it is another command. Not
 * collective. */
gd_status gd_resume_options(int argc, char *const *argv, const char *path, const gd_checkpoint *checkpoint,
                            gd_options *options, gd_settings_facts *facts, gd_error *error) GD_CHECKED;

/* Refuses an input of a resumed render whose length and CRC are not those of the start (the decision's place,
 * which counts on rank 0); with --resume only where it is read again. Nothing happens for a new render.
 * Collective, and agreed on. */
gd_status gd_resume_input(gd_comm *comm, const gd_decision *decision, gd_error *error) GD_CHECKED;

/* Refuses, naming the difference, when the numerics of the checkpoint are not those here. */
gd_status gd_resume_check(const gd_checkpoint *checkpoint, const gd_decision *decision, const char *numerics,
                          gd_error *error) GD_CHECKED;

#endif
