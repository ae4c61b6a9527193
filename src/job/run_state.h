/* A render under way, for the files of cli/run: what each of them does with it. */
#ifndef GD_JOB_RUN_STATE_H
#define GD_JOB_RUN_STATE_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "job/checkpoint_policy.h"
#include "job/claim.h"
#include "job/phases.h"
#include "job/prepare.h"
#include "job/progress.h"
#include "job/run_log.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_RUN_TEXT_MAX = 16384, GD_RUN_NUMERICS_MAX = 1024 };

typedef struct gd_run_state {
    gd_comm *comm;
    gd_decision decision; /* with what was left to the backend settled */
    const gd_profile *profile;
    const gd_checkpoint *checkpoint; /* borrowed; rank 0; NULL: not resumed */
    gd_claims *claims;               /* borrowed; rank 0's are taken */
    gd_net *net;                     /* owned */
    gd_engine *engine;               /* owned */
    gd_canvas *canvas;               /* owned */
    gd_replay *replay;               /* owned */
    gd_run_log *log;                 /* owned; rank 0 */
    gd_checkpointer *keeper;         /* owned */
    gd_progress progress;
    gd_phases phases;
    /* Of the render under way; borrowed; rank 0. */
    const gd_render_parameters *parameters;
    int32_t host_cores; /* that some rank of this host may run on */
    uint64_t resident;  /* bytes in memory at the start */
    double started;     /* when, in seconds */
    bool preview_failed;
    char numerics[GD_RUN_NUMERICS_MAX];
    char text[GD_RUN_TEXT_MAX]; /* for the picture's text field */
} gd_run_state;

static inline bool gd_run_is_root(const gd_run_state *r)
{
    return gd_comm_rank(r->comm) == 0;
}

/* run_open.c: before the first pixel. */

/* Opens the engine and the transport, and settles all that touches bits. Collective. */
gd_status gd_run_open_engine(gd_run_state *r, gd_error *error) GD_CHECKED;

/* The rolls of --replay, on all ranks. Collective. */
gd_status gd_run_share_replay(gd_run_state *r, gd_error *error) GD_CHECKED;

/* Cores that the ranks of this host may run on, as bound by mpirun, Slurm or taskset. Collective. */
gd_status gd_run_count_cores(gd_run_state *r, gd_error *error) GD_CHECKED;

/* Windows computed side by side with this rank's share of cores. Not collective. */
int32_t gd_run_window_threads(const gd_run_state *r);

/* run_records.c: what people see and keep of it beside the picture. */

/* Writes the picture's text field. Not collective. */
gd_status gd_run_write_text(gd_run_state *r, gd_error *error) GD_CHECKED;
void gd_run_say_no_gpu(const gd_run_state *r);

/* Opens what rank 0 keeps: the log, the text for the picture, the progress. Rank 0 only. */
gd_status gd_run_open_records(gd_run_state *r, const gd_render_parameters *p, gd_error *error) GD_CHECKED;

/* A render's step_done; the context is the gd_run_state. Collective. */
gd_status gd_run_note_step(void *context, const gd_step_report *report, gd_error *error) GD_CHECKED;

/* What the whole of the octaves, `seconds`, took beyond their steps. */
void gd_run_note_between(gd_run_state *r, double seconds);

/* What is told before the input is read, and when the picture is written. Rank 0's lines; not collective. */
void gd_run_say_reading(const gd_run_state *r);
void gd_run_say_written(const gd_run_state *r, double seconds);

/* On rank 0: phases into the log, and on the screen after a render that people have waited for. */
gd_status gd_run_tell_phases(const gd_run_state *r, gd_error *error) GD_CHECKED;

#endif
