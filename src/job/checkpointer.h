/* Saves a running render, and ends one that was told to stop. */
#ifndef GD_JOB_CHECKPOINTER_H
#define GD_JOB_CHECKPOINTER_H

#include "base/status.h"
#include "dream/parameters.h"
#include "job/decision.h"
#include "mpi/comm.h"

#include <stdatomic.h>

/* What rank 0 puts into each checkpoint beside the canvas. All borrowed. */
typedef struct gd_checkpoint_facts {
    const char *numerics;
    const char *choices; /* NULL: none */
    int64_t *rolls;      /* [roll_count, 2] of a replay, or NULL */
    int64_t roll_count;
    const gd_profile *profile;
} gd_checkpoint_facts;

typedef struct gd_checkpointer gd_checkpointer;

/* `target` (borrowed; the checkpoint's, owned by this render) and `facts` count on rank 0. With --restart an
 * old checkpoint is removed. Agreed on. Collective. */
gd_status gd_checkpointer_create(gd_comm *comm, const gd_decision *decision, gd_target *target,
                                 const gd_checkpoint_facts *facts, const atomic_bool *stop,
                                 gd_checkpointer **checkpointer, gd_error *error) GD_CHECKED;
void gd_checkpointer_free(gd_checkpointer *checkpointer);

/* GD_REQUEST_STOP on a rank that was told to stop, GD_REQUEST_SAVE on rank 0 when a checkpoint is due; after
 * the last step (`step` is then the number of steps) when what is not saved took a minute or more. */
gd_step_request gd_checkpointer_request(gd_checkpointer *checkpointer, int32_t octave, int32_t step);

/* Writes the checkpoint. When it cannot be written, rank 0 says so, and the render continues; when it belongs
 * to another process by now, the render fails. With GD_REQUEST_STOP it always fails: with GD_STOPPED when
 * there is a checkpoint to resume, this one or the one before, and else with the cause. Collective, and
 * agreed on (but for GD_COMM). */
gd_status gd_checkpointer_save(gd_checkpointer *checkpointer, const gd_canvas *canvas, int32_t octave,
                               int32_t step, gd_step_request request, gd_error *error) GD_CHECKED;

/* Whether a render that is stopped while its picture is written, when `canvas` is what it is written from,
 * loses nothing: all steps are saved, or can still be. The same on all ranks. */
bool gd_checkpointer_can_stop(const gd_checkpointer *checkpointer, const gd_canvas *canvas);

/* The end of a render that was told to stop while its input was read (`canvas` is NULL) or its picture
 * written, on which all ranks have agreed: saves the canvas unless it is saved, and fails as
 * gd_checkpointer_save does, also with GD_STOPPED when there is nothing to save. Collective. */
gd_status gd_checkpointer_stop(gd_checkpointer *checkpointer, const gd_canvas *canvas,
                               gd_error *error) GD_CHECKED;

/* The picture is written: the checkpoint is no longer needed. Rank 0 removes the checkpoint. */
void gd_checkpointer_done(gd_checkpointer *checkpointer);

#endif
