/* The names of a render's files, derived from its options. */
#ifndef GD_FILES_FILE_NAMES_H
#define GD_FILES_FILE_NAMES_H

#include "base/status.h"
#include "image/kind.h"
#include "options/options.h"
#include "proof/proof_geometry.h"

#include <stdbool.h>
#include <stdint.h>

/* A proof's files: the whole picture and its crops. */
enum { GD_PROOF_FILES = 1 + GD_PROOF_CROPS };

/* File names that differ from the options or are derived from them. Plain data that can be broadcast. */
typedef struct gd_file_names {
    gd_file_kind kind;            /* of the output and the copy of the input */
    char output[GD_PATH_MAX];     /* with its extension; "": no picture is written */
    char frames[GD_PATH_MAX];     /* of a sequence, NAME_%05d.EXT for its numbers; "": a picture */
    int64_t frame_first;          /* number of the first frame */
    char input[GD_PATH_MAX];      /* the first picture that is read; "": noise, or a checkpoint alone */
    char input_copy[GD_PATH_MAX]; /* -save_input; "": none */
    char checkpoint[GD_PATH_MAX]; /* where the render is saved, an absolute path */
    char resume[GD_PATH_MAX];     /* the checkpoint to resume; "": a new render */
    char web[GD_PATH_MAX];        /* the folder of --web, an absolute path; "": none */
    char weights[GD_PATH_MAX];    /* "": not needed, or not found for a plan */
    bool input_again; /* the input is read a second time (--keep-detail, --mask, --keep-colors, --strength,
                       --web) */
    int64_t preview_last; /* the number of the last preview */
} gd_file_names;

/* Makes a path absolute, with links in its folder resolved, because other ranks may have another current
 * folder. GD_USAGE if it is too long. */
gd_status gd_file_names_absolute(const char *given, char path[GD_PATH_MAX], gd_error *error) GD_CHECKED;

/* The checkpoint's path: --checkpoint, else --resume, else NAME.EXT.checkpoint.h5 beside an output NAME.EXT,
 * else DIR.checkpoint.h5 beside a folder of tiles.
 * GD_USAGE if the folder of --checkpoint is not writable. */
gd_status gd_file_names_checkpoint(const gd_options *options, char path[GD_PATH_MAX],
                                   gd_error *error) GD_CHECKED;

/* NAME_%05d.EXT for an output NAME.EXT. GD_USAGE if it is too long. */
gd_status gd_file_names_frames(const char *output, char pattern[GD_PATH_MAX], gd_error *error) GD_CHECKED;

/* NAME_input.EXT for an output NAME.EXT. */
void gd_file_names_input_copy(const char *output, char path[GD_PATH_MAX]);

/* NAME.proof-whole.jpg (index 0) and NAME.proof-1.jpg to -3.jpg for an output NAME.EXT. GD_USAGE if it is too
 * long. */
gd_status gd_file_names_proof(const char *output, int index, char path[GD_PATH_MAX],
                              gd_error *error) GD_CHECKED;

#endif
