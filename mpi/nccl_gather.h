/* Gathering of values over NCCL. Private to the files that use NCCL. */
#ifndef GD_MPI_NCCL_GATHER_H
#define GD_MPI_NCCL_GATHER_H

#include "base/status.h"
#include "mpi/comm.h"
#include "mpi/nccl_state.h"

/* Allocates the buffers of comm->nccl on the current device. Not collective. Free them with
 * gd_nccl_gather_close, also after a failure. */
gd_status gd_nccl_gather_open(gd_comm *comm, gd_error *error) GD_CHECKED;
void gd_nccl_gather_close(gd_nccl_buffers *buffers);

/* gd_comm_gather_subgroup (subgroup.h) over the communicator `over` of the first `ranks` ranks:
 * mine[counts[rank]] of each rank to `all`, rank after rank. GD_INTERNAL if `over` is NULL. Collective for
 * these ranks; waits, at most comm->deadline. */
gd_status gd_nccl_gather(gd_comm *comm, ncclComm_t over, int32_t ranks, const double *mine,
                         const int32_t *counts, double *all, gd_error *error) GD_CHECKED;

#endif
