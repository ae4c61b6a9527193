/* Checkpoint policy: when to save, which commands are saved, and how a stop request ends a render. No
 * function here reads a clock or a file. */
#ifndef GD_JOB_CHECKPOINT_POLICY_H
#define GD_JOB_CHECKPOINT_POLICY_H

#include "base/status.h"
#include "job/settings.h"
#include "options/options.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_CHECKPOINT_TEXT_MAX = 65536 };

/* State of a render after a step. */
typedef struct gd_checkpoint_moment {
    int32_t step;   /* of the octave; equal to the number of steps before the picture is written */
    int64_t before; /* steps of the render before this one */
    int64_t all;    /* steps of the render */
    int64_t kept;   /* steps in the last valid checkpoint; -1: none */
    double waited; /* seconds since the last attempt to save, so that a full disk does not delay every step */
} gd_checkpoint_moment;

/* Whether a checkpoint is due by --checkpoint-every. After the last step: whether unsaved steps took a minute
 * or more. */
bool gd_checkpoint_due(const gd_options *options, const gd_checkpoint_moment *now);

/* The two commands in a checkpoint, [GD_CHECKPOINT_TEXT_MAX] each: the command as given, with absolute paths,
 * without permissions (--overwrite, --trust, --restart) and --resume; and the command with all settings
 * resolved. GD_USAGE if one is too long. */
gd_status gd_checkpoint_commands(const gd_options *options, const gd_settings *settings, char *given,
                                 char *settled, gd_error *error) GD_CHECKED;

/* State of a render that was asked to stop. */
typedef struct gd_checkpoint_state {
    const char *checkpoint; /* borrowed; its path */
    bool there;             /* a file with that name exists */
    int64_t kept;           /* steps in it; -1: none was written or resumed */
    int64_t done, all;      /* steps of the render */
    const char *why;        /* borrowed; why the last state could not be saved; NULL: saved */
} gd_checkpoint_state;

/* Sets the last message and returns GD_STOPPED if there is a checkpoint to resume or no step was done, else
 * GD_IO. */
gd_status gd_checkpoint_stopped(const gd_checkpoint_state *state, gd_error *error) GD_CHECKED;

#endif
