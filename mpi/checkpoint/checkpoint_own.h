/* Protection of files that are not checkpoints of this program. */
#ifndef GD_MPI_CHECKPOINT_OWN_H
#define GD_MPI_CHECKPOINT_OWN_H

#include "base/status.h"
#include "base/target.h"

/* GD_USAGE, with its name, if the existing file under a checkpoint's name is not a checkpoint of this program
 * and would be replaced or removed. Not collective. */
gd_status gd_checkpoint_check_replace(const gd_target *target, gd_error *error) GD_CHECKED;

/* Removes the file if it is a checkpoint of this program and this render still owns it. Not collective. */
void gd_checkpoint_remove(const gd_target *target);

#endif
