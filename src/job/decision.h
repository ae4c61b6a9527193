/* The decision of rank 0 before the start, which is broadcast to all ranks. */
#ifndef GD_JOB_DECISION_H
#define GD_JOB_DECISION_H

#include "base/allowance.h"
#include "files/file_names.h"
#include "image/kind.h"
#include "image/mask/mask.h"
#include "job/common_processor.h"
#include "job/settings.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "net/net.h"
#include "net/objective.h"
#include "options/options.h"

#include <stdint.h>

/* What is known of the guide; each rank has its own. All NULL: there is no guide. */
typedef struct gd_guide {
    char *text;        /* owned; a line for each layer (job/sample/guide_text.h) */
    double *shares;    /* owned; of its layers' channels, one layer after the other; NULL: it is matched */
    gd_match *matches; /* owned; of its layers; all 0 unless it is matched */
    float *values;     /* owned; of the matches; zeros while they are only planned */
} gd_guide;

/* Plain data that can be broadcast, but for the guide, which is taken later (job/sample/guide.h). */
typedef struct gd_decision {
    gd_options options;   /* as given, with layers chosen at the prompt */
    gd_settings settings; /* complete once the device is open */
    gd_common_processor processor;
    gd_file_names files;
    gd_objective objective;
    gd_guide guide;
    gd_net_traits traits;               /* of the network, as the weights have it */
    int64_t input_rows, input_cols;     /* of the input file, upright; 0: not read */
    uint64_t input_held, input_waiting; /* bytes; see gd_picture_info */
    gd_file_identity input_file;    /* identity of the file, to check that later reads use the same file */
    char input_folder[GD_PATH_MAX]; /* on rank 0, for pixels of an input to rotate; "": in memory */
    gd_mask mask;                   /* of --mask */
    uint64_t profile_bytes;         /* of the output's color profile */
    gd_checkpoint_place place;      /* of the resumed checkpoint; otherwise only the input's length and CRC */
    gd_allowance allowance;         /* part of a rank's memory budget for reading inputs */
    uint64_t resident;              /* bytes of this rank's memory before samples are measured */
    uint64_t guide_bytes;           /* that each rank holds of a guide to be matched */
    uint64_t guide_text;            /* bytes of it in a checkpoint */
    uint64_t sample_bytes;          /* that rank 0 takes for ranked channels and a guide, before all else */
    bool more_follow; /* the process renders another picture after this one, and reads weights again */
    double deadline;  /* maximum wait in seconds, from $GIGADREAM_DEADLINE; 0: unset */
} gd_decision;

#endif
