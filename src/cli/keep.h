/* When a render is saved, and what that means for it. */
#ifndef GD_CLI_KEEP_H
#define GD_CLI_KEEP_H

#include "base/status.h"
#include "cli/prepare.h"
#include "dream/render.h"
#include "mpi/checkpoint.h"
#include "mpi/comm.h"

#include <stdatomic.h>

/* What rank 0 puts into each checkpoint beside the canvas. All borrowed. */
typedef struct gd_keep_facts {
    const char *numerics;
    const char *choices; /* NULL: none */
    int64_t *rolls;      /* [roll_count, 2] of a replay, or NULL */
    int64_t roll_count;
    const gd_profile *profile;
} gd_keep_facts;

typedef struct gd_keeper gd_keeper;

/* `target` (borrowed; the checkpoint's, owned by this render) and `facts` count on rank 0. With --restart an
 * old checkpoint is removed. Agreed on. Collective. */
gd_status gd_keeper_create(gd_comm *comm, const gd_decision *decision, gd_target *target,
                           const gd_keep_facts *facts, const atomic_bool *stop, gd_keeper **keeper,
                           gd_error *error) GD_CHECKED;
void gd_keeper_free(gd_keeper *keeper);

/* GD_WISH_STOP on a rank that was told to stop, GD_WISH_SAVE on rank 0 when a checkpoint is due; after the
 * last step (`step` is then the number of steps) when what is not saved took a minute or more. */
gd_wish gd_keeper_wish(gd_keeper *keeper, int32_t octave, int32_t step);

/* Writes the checkpoint. When it cannot be written, rank 0 says so, and the render goes on; when it belongs
 * to another process by now, the render fails. With GD_WISH_STOP it always fails: with GD_STOPPED when there
 * is a checkpoint to go on from, this one or the one before, and else with the cause. Collective, and agreed
 * on (but for GD_COMM). */
gd_status gd_keeper_save(gd_keeper *keeper, const gd_stage *stage, int32_t octave, int32_t step, gd_wish wish,
                         gd_error *error) GD_CHECKED;

/* Whether a render that is stopped while its picture is written, when `stage` is what it is written from,
 * loses nothing: all steps are saved, or can still be. The same on all ranks. */
bool gd_keeper_can_stop(const gd_keeper *keeper, const gd_stage *stage);

/* The end of a render that was told to stop while its input was read (`stage` is NULL) or its picture
 * written, on which all ranks have agreed: saves the stage unless it is saved, and fails as gd_keeper_save
 * does, also with GD_STOPPED when there is nothing to save. Collective. */
gd_status gd_keeper_stop(gd_keeper *keeper, const gd_stage *stage, gd_error *error) GD_CHECKED;

/* The picture is written: nothing is to be gone on from. Rank 0 removes the checkpoint. */
void gd_keeper_done(gd_keeper *keeper);

#endif
