/* Opens the same file on all ranks; private to this folder. */
#ifndef GD_MPI_CHECKPOINT_OPEN_ALL_H
#define GD_MPI_CHECKPOINT_OPEN_ALL_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdbool.h>

/* Which file to open; the same on all ranks. */
typedef struct gd_checkpoint_name {
    const char *name;     /* borrowed; the name to open */
    const char *path;     /* borrowed; the name in messages */
    const char *identity; /* borrowed */
    int flags;            /* of open */
} gd_checkpoint_name;

/* *fd: a descriptor of the file if `needed` on this rank, else -1. On rank 0 it is a duplicate of `mine`; the
 * other ranks open the file until its identity matches, up to the deadline, at most 90 s. After that,
 * GD_USAGE if the name is another file, GD_IO if it cannot be opened. The caller closes *fd, also after a
 * failure. Collective; all ranks agree on the status. */
gd_status gd_checkpoint_open_all(gd_comm *comm, const gd_checkpoint_name *file, int mine, bool needed,
                                 int *fd, gd_error *error) GD_CHECKED;

#endif
