/* Opens a checkpoint and reads all of it except the canvas, in one process. */
#ifndef GD_MPI_CHECKPOINT_LOAD_H
#define GD_MPI_CHECKPOINT_LOAD_H

#include "base/allowance.h"
#include "base/status.h"
#include "mpi/checkpoint/checkpoint_data.h"

/* Reads and checks everything except the canvas. Sizes are bounded before anything is allocated: a text by 64
 * KiB (the choices by 4 MiB), the profile by 64 MiB, the rolls by 256 MiB, and all of them by the length of
 * the file and by `allowance` (NULL: no bound), which the kept bytes are taken from. GD_USAGE if the file is
 * not a checkpoint, has another format, is cut short or is damaged. The file stays open until
 * gd_checkpoint_free. Not collective; the caller frees it. */
gd_status gd_checkpoint_open(const char *path, gd_allowance *allowance, gd_checkpoint **checkpoint,
                             gd_error *error) GD_CHECKED;
void gd_checkpoint_free(gd_checkpoint *checkpoint); /* NULL is fine */

#endif
