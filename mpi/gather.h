/* Gathering over an MPI communicator; private to this folder. */
#ifndef GD_MPI_GATHER_H
#define GD_MPI_GATHER_H

#include "mpi/comm_state.h"

/* gd_comm_gather_all over the communicator `over` of `ranks` ranks; this rank has the index `mine_at` in it.
 */
gd_status gd_mpi_gather(gd_comm *comm, MPI_Comm over, int32_t ranks, int32_t mine_at, const double *mine,
                        const int32_t *counts, double *all, gd_error *error) GD_CHECKED;

#endif
