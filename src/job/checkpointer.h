/* Saves a running render, and ends one that was asked to stop. */
#ifndef GD_JOB_CHECKPOINTER_H
#define GD_JOB_CHECKPOINTER_H

#include "base/status.h"
#include "dream/parameters.h"
#include "job/decision.h"
#include "mpi/comm.h"

#include <stdatomic.h>

/* Contents of each checkpoint besides the canvas, from rank 0. All borrowed. */
typedef struct gd_checkpoint_facts {
    const char *numerics;
    const char *choices; /* NULL: none */
    const char *guide;   /* NULL: none */
    int64_t *rolls;      /* [roll_count, 2] of a replay, or NULL */
    int64_t roll_count;
    const gd_profile *profile;
} gd_checkpoint_facts;

typedef struct gd_checkpointer gd_checkpointer;

/* `target` (borrowed; the checkpoint's file, locked by this render) and `facts` are used only on rank 0. With
 * --restart, an old checkpoint is removed. All ranks return the same status. Collective. */
gd_status gd_checkpointer_create(gd_comm *comm, const gd_decision *decision, gd_target *target,
                                 const gd_checkpoint_facts *facts, const atomic_bool *stop,
                                 gd_checkpointer **checkpointer, gd_error *error) GD_CHECKED;
void gd_checkpointer_free(gd_checkpointer *checkpointer);

/* What follows is about this frame of a sequence. Not collective. */
void gd_checkpointer_begin_frame(gd_checkpointer *checkpointer, int32_t frame);

/* The tone that the frames of a sequence keep. Not collective. */
void gd_checkpointer_tone(gd_checkpointer *checkpointer, const gd_tone *tone);

/* GD_REQUEST_STOP on a rank that received a stop request, GD_REQUEST_SAVE on rank 0 if a checkpoint is due.
 * After the last step, `step` is the number of steps; a checkpoint is then due if unsaved steps took a minute
 * or more. */
gd_step_request gd_checkpointer_request(gd_checkpointer *checkpointer, int32_t octave, int32_t step);

/* Writes the checkpoint. If that fails, rank 0 prints a message and the render continues; if another process
 * has taken its lock, the render fails. With GD_REQUEST_STOP, always returns an error: GD_STOPPED if there is
 * a checkpoint to resume (this or the previous one), else the cause. Collective; all ranks return the same
 * status, except for GD_COMM. */
gd_status gd_checkpointer_save(gd_checkpointer *checkpointer, const gd_canvas *canvas, int32_t octave,
                               int32_t step, gd_step_request request, gd_error *error) GD_CHECKED;

/* Whether a render can be stopped without loss while its picture is written from `canvas`: all steps are
 * saved, or can still be saved. The same on all ranks. */
bool gd_checkpointer_can_stop(const gd_checkpointer *checkpointer, const gd_canvas *canvas);

/* Ends a render that was asked to stop while its input was read (`canvas` is NULL) or its picture written,
 * after all ranks agreed to stop. Saves the canvas if necessary. Errors as for gd_checkpointer_save;
 * GD_STOPPED also if there is nothing to save. Collective. */
gd_status gd_checkpointer_stop(gd_checkpointer *checkpointer, const gd_canvas *canvas,
                               gd_error *error) GD_CHECKED;

/* Removes the checkpoint after the picture is written, on rank 0. */
void gd_checkpointer_done(gd_checkpointer *checkpointer);

#endif
