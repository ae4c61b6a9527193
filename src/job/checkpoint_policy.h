/* Checkpoint policy: when to save, what of a command is saved, and how a stop request ends a render. No
 * function here reads a clock or a file. */
#ifndef GD_JOB_CHECKPOINT_POLICY_H
#define GD_JOB_CHECKPOINT_POLICY_H

#include "base/status.h"
#include "job/settings.h"
#include "options/options.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_CHECKPOINT_TEXT_MAX = 65536 };

/* Where a render is after a step. */
typedef struct gd_checkpoint_moment {
    int32_t step;   /* of the octave; the number of steps: all are done, and the picture is to be written */
    int64_t before; /* steps of the render before this one */
    int64_t all;    /* steps of the render */
    int64_t kept;   /* steps that the last good checkpoint holds; -1: there is none */
    double waited;  /* seconds since the last attempt to save: a full disk must not cost every step */
} gd_checkpoint_moment;

/* Whether a checkpoint is due by --checkpoint-every; after the last step when what is not saved took a minute
 * or more. */
bool gd_checkpoint_due(const gd_options *options, const gd_checkpoint_moment *now);

/* The two commands that a checkpoint holds, [GD_CHECKPOINT_TEXT_MAX] each: as it was given, with real paths
 * and without permissions (--overwrite, --trust, --restart) and --resume; and the settings. GD_USAGE when one
 * is too long. */
gd_status gd_checkpoint_commands(const gd_options *options, const gd_settings *settings, char *given,
                                 char *settled, gd_error *error) GD_CHECKED;

/* A render that was told to stop. */
typedef struct gd_checkpoint_state {
    const char *checkpoint; /* borrowed; its path */
    bool there;             /* a file of that name exists */
    int64_t kept;           /* steps that it holds; -1: none was written or resumed */
    int64_t done, all;      /* steps of the render */
    const char *why;        /* borrowed; why the last state could not be saved; NULL: it is saved */
} gd_checkpoint_state;

/* Its last sentence: GD_STOPPED when there is a checkpoint to resume, or nothing was done; else GD_IO. */
gd_status gd_checkpoint_stopped(const gd_checkpoint_state *state, gd_error *error) GD_CHECKED;

#endif
