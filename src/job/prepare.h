/* What rank 0 decides before the start, and tells the others. */
#ifndef GD_JOB_PREPARE_H
#define GD_JOB_PREPARE_H

#include "base/file.h"
#include "base/status.h"
#include "image/writer_options.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "net/net.h"
#include "options/options.h"

#include <stdbool.h>

/* Plain data, so that it can be sent as it is. */
typedef struct gd_decision {
    gd_options options; /* complete: layers chosen, -ts set */
    gd_objective objective;
    char weights[GD_PATH_MAX];
    int64_t base_rows, base_cols;
    int64_t input_rows, input_cols;     /* of the input's file, upright; 0: it is not read */
    uint64_t input_held, input_waiting; /* bytes; see gd_picture_info */
    gd_file_identity input_file;        /* which file that was; what is read again is the same one */
    char input_folder[GD_PATH_MAX];     /* of rank 0, where it waits to be turned; "": in memory */
    char output[GD_PATH_MAX];           /* with its extension */
    char input_copy[GD_PATH_MAX];       /* -save_input; "" for none */
    gd_options given;                   /* as the user gave them, but for layers that were asked for */
    char checkpoint[GD_PATH_MAX];       /* where it is saved on its way */
    char resume[GD_PATH_MAX];           /* the checkpoint that it goes on from; "": it starts anew */
    gd_checkpoint_place place; /* of that checkpoint; without one only what it says of the input's file */
    gd_file_kind kind;
    uint64_t profile_bytes;                      /* of the profile that the output carries */
    char no_gpu[sizeof((gd_error *)0)->message]; /* why `auto` is the processor; "": it is not, or was not
                                                    built for anything else */
    double deadline; /* seconds that a wait may last, of $GIGADREAM_DEADLINE; 0: unset */
} gd_decision;

/* Completes and checks a decision of which `options` (parsed, layers chosen), `objective` and `weights` are
 * set: sizes of canvas and tiles, files. *profile receives what the input carries over to the output; the
 * caller frees it. Remarks for the user go to stderr. Rank 0 only. */
gd_status gd_prepare(const gd_net *net, gd_decision *decision, gd_profile *profile,
                     gd_error *error) GD_CHECKED;

/* A line on stderr about the input's file, unless --quiet. `warning` does not name it. Rank 0 only. */
void gd_prepare_warn(const gd_options *options, const char *warning);

/* Size of the canvas at an octave. */
gd_extent gd_prepare_octave(const gd_decision *decision, int32_t octave);

/* Whether what is still to be done reads the input's file again, for --keep-detail. */
bool gd_prepare_reads_again(const gd_decision *decision);

/* How the decision's files are written, but for size, profile and text. */
gd_writer_options gd_prepare_writer(const gd_decision *decision);

/* One line on stderr for each kind of hardware that the render would leave idle: cores of this host that none
 * of its `node_size` ranks may use (`cores` they may), and ranks without a tile. Rank 0 only. */
void gd_prepare_idle_lines(const gd_decision *decision, int32_t ranks, int32_t node_size, int32_t cores,
                           int64_t tiles);

#endif
