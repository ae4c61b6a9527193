/* Gathering of values among the first N ranks of a render. */
#ifndef GD_MPI_SUBGROUP_H
#define GD_MPI_SUBGROUP_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdint.h>

/* Creates the communicator that gd_comm_gather_subgroup needs for the first `ranks` ranks, once for each
 * number. Call it after gd_comm_select_transport, while no exchange is in progress. Collective. */
gd_status gd_comm_prepare_subgroup(gd_comm *comm, int32_t ranks, gd_error *error) GD_CHECKED;

/* As gd_comm_gather_all, over the first `ranks` ranks (prepared before) and the selected transport. Only
 * these ranks call it. Collective among them. */
gd_status gd_comm_gather_subgroup(gd_comm *comm, int32_t ranks, const double *mine, const int32_t *counts,
                                  double *all, gd_error *error) GD_CHECKED;

#endif
