/* What rank 0 decides before the start, and tells the others. */
#ifndef GD_JOB_DECISION_H
#define GD_JOB_DECISION_H

#include "base/allowance.h"
#include "files/file_names.h"
#include "image/kind.h"
#include "job/settings.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "net/net.h"
#include "options/options.h"

#include <stdint.h>

/* Plain data, so that it can be sent as it is. */
typedef struct gd_decision {
    gd_options options;   /* as they were given, layers that were asked for among them */
    gd_settings settings; /* resolved, with nothing left open once the device is open */
    gd_file_names files;
    gd_objective objective;
    int64_t input_rows, input_cols;     /* of the input's file, upright; 0: it is not read */
    uint64_t input_held, input_waiting; /* bytes; see gd_picture_info */
    gd_file_identity input_file;        /* which file that was; what is read again is the same one */
    char input_folder[GD_PATH_MAX]; /* on rank 0, for pixels that wait to be turned upright; "": in memory */
    uint64_t profile_bytes;         /* of the profile that the output carries */
    gd_checkpoint_place place;      /* of the resumed checkpoint; else only length and CRC of the input */
    gd_allowance allowance;         /* of a rank's memory budget, what is left for reading inputs */
    double deadline;                /* seconds that a wait may last, of $GIGADREAM_DEADLINE; 0: unset */
} gd_decision;

#endif
