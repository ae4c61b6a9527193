/* Which files are checkpoints of this program, so that no other file is replaced or removed. */
#ifndef GD_MPI_CHECKPOINT_OWN_H
#define GD_MPI_CHECKPOINT_OWN_H

#include "base/status.h"
#include "base/target.h"

/* GD_USAGE, naming it, when what stands under a checkpoint's name is no checkpoint of this program: it would
 * be replaced, or removed. Not collective. */
gd_status gd_checkpoint_spare(const gd_target *target, gd_error *error) GD_CHECKED;

/* Removes it where it is a checkpoint of this program, and still this render's. Not collective. */
void gd_checkpoint_remove(const gd_target *target);

#endif
