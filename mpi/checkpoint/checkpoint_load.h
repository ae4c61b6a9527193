/* Opening a checkpoint, and reading all of it but the canvas, in one process. */
#ifndef GD_MPI_CHECKPOINT_LOAD_H
#define GD_MPI_CHECKPOINT_LOAD_H

#include "base/allowance.h"
#include "base/status.h"
#include "mpi/checkpoint/checkpoint_data.h"

/* Reads all but the canvas, and checks all but the canvas. Sizes are bounded before anything is allocated: at
 * most 4 MiB of texts, 64 MiB of a profile, 256 MiB of rolls, and never more than the file has, or than
 * `allowance` (NULL: no bound) has left, from which what is kept is taken. GD_USAGE with a sentence for a
 * file that is not a checkpoint, of another format, cut short or damaged. The file stays open until
 * gd_checkpoint_free. Not collective; the caller frees it. */
gd_status gd_checkpoint_open(const char *path, gd_allowance *allowance, gd_checkpoint **checkpoint,
                             gd_error *error) GD_CHECKED;
void gd_checkpoint_free(gd_checkpoint *checkpoint); /* NULL is fine */

#endif
