/* All ranks at one file; private to this folder. */
#ifndef GD_MPI_CHECKPOINT_MEET_H
#define GD_MPI_CHECKPOINT_MEET_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdbool.h>

/* Which file; the same on all ranks. */
typedef struct gd_checkpoint_name {
    const char *name;     /* borrowed; to be opened */
    const char *path;     /* borrowed; that sentences name */
    const char *identity; /* borrowed */
    int flags;            /* of open */
} gd_checkpoint_name;

/* *fd becomes a descriptor of the file where this rank has `needed` it, else -1: on rank 0 a copy of `mine`,
 * elsewhere the file that has the identity, opened again and again until it is seen, up to the deadline, 90 s
 * at most. Then GD_USAGE for another file of that name, GD_IO for none. The caller closes *fd, also after a
 * failure. Collective, and agreed on. */
gd_status gd_checkpoint_meet(gd_comm *comm, const gd_checkpoint_name *file, int mine, bool needed, int *fd,
                             gd_error *error) GD_CHECKED;

#endif
