/* The names of a render's files, as they follow from its options. */
#ifndef GD_FILES_FILE_NAMES_H
#define GD_FILES_FILE_NAMES_H

#include "base/status.h"
#include "image/kind.h"
#include "options/options.h"
#include "proof/proof_way.h"

#include <stdbool.h>
#include <stdint.h>

/* A proof's files: the whole picture and its crops. */
enum { GD_PROOF_FILES = 1 + GD_PROOF_CROPS };

/* Those that the options do not hold as they are. Plain data, so that it can be sent. */
typedef struct gd_file_names {
    gd_file_kind kind;            /* of the output and the copy of the input */
    char output[GD_PATH_MAX];     /* with its extension */
    char input_copy[GD_PATH_MAX]; /* -save_input; "": none */
    char checkpoint[GD_PATH_MAX]; /* where the render is saved, from the root on */
    char resume[GD_PATH_MAX];     /* the checkpoint that is continued; "": the render starts anew */
    char weights[GD_PATH_MAX];    /* "": none are needed, or none are there for a plan */
    bool input_again;             /* --keep-detail reads the input a second time */
    int64_t preview_last;         /* the number of the last preview */
} gd_file_names;

/* A path from the root on, with its real folder, since other ranks may stand elsewhere. GD_USAGE when it is
 * too long. */
gd_status gd_file_names_absolute(const char *given, char path[GD_PATH_MAX], gd_error *error) GD_CHECKED;

/* Where a render with these options is saved: --checkpoint, else --resume, else NAME.EXT.checkpoint.h5 beside
 * an output NAME.EXT. GD_USAGE when the folder of --checkpoint cannot be written to. */
gd_status gd_file_names_checkpoint(const gd_options *options, char path[GD_PATH_MAX],
                                   gd_error *error) GD_CHECKED;

/* NAME_input.EXT for an output NAME.EXT. */
void gd_file_names_input_copy(const char *output, char path[GD_PATH_MAX]);

/* NAME.proof-whole.jpg (index 0) and NAME.proof-1.jpg to -3.jpg for an output NAME.EXT. GD_USAGE when it is
 * too long. */
gd_status gd_file_names_proof(const char *output, int index, char path[GD_PATH_MAX],
                              gd_error *error) GD_CHECKED;

#endif
