/* State of a running render, for run.c, run_open.c and run_records.c. */
#ifndef GD_JOB_RUN_STATE_H
#define GD_JOB_RUN_STATE_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "files/claims.h"
#include "job/checkpointer.h"
#include "job/decision.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"
#include "records/phases.h"
#include "records/progress.h"
#include "records/replay.h"
#include "records/run_log.h"
#include "web/tiles.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_RUN_TEXT_MAX = 16384, GD_RUN_NUMERICS_MAX = 1024 };

/* The folder of --web. */
typedef struct gd_run_web {
    gd_web_folder folder;       /* fd -1: there is none */
    gd_icc_conversion *colours; /* owned; to sRGB; NULL: the picture is in sRGB */
    const gd_canvas *result;    /* borrowed; while the input is written */
    bool failed;                /* a view of a canvas was not written, which was said */
} gd_run_web;

typedef struct gd_run_state {
    gd_comm *comm;
    gd_decision decision; /* complete once the device is open */
    const gd_profile *profile;
    const gd_checkpoint *checkpoint; /* borrowed; rank 0; NULL: not resumed */
    gd_claims *claims;               /* borrowed; used on rank 0 */
    gd_net *net;                     /* owned */
    gd_engine *engine;               /* owned */
    gd_canvas *canvas;               /* owned */
    gd_replay *replay;               /* owned */
    gd_run_log *log;                 /* owned; rank 0 */
    gd_checkpointer *checkpointer;   /* owned */
    gd_progress progress;
    gd_phases phases;
    /* Of the running render; borrowed. */
    const gd_render_parameters *parameters;
    int32_t host_cores;            /* that ranks of this host may use */
    uint64_t resident;             /* resident memory at the start, in bytes */
    double started;                /* start time, in seconds */
    char frame_input[GD_PATH_MAX]; /* of a video: the current frame's file */
    char frame_flow[GD_PATH_MAX];  /* and that of its flow */
    double frame_started;          /* of the current frame of a sequence */
    bool preview_failed;
    gd_run_web web;
    char demoted[GD_DEMOTION_WORDS]; /* on rank 0: convolutions off tensor cores; "": none */
    char numerics[GD_RUN_NUMERICS_MAX];
    char text[GD_RUN_TEXT_MAX]; /* for the picture's text field */
} gd_run_state;

static inline bool gd_run_is_root(const gd_run_state *r)
{
    return gd_comm_rank(r->comm) == 0;
}

#endif
