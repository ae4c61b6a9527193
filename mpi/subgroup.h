/* Gathering values among the first ranks of a render. */
#ifndef GD_MPI_SUBGROUP_H
#define GD_MPI_SUBGROUP_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdint.h>

/* Makes what gd_comm_gather_subgroup needs for so many ranks, once for each number; while nothing is
 * exchanged, and after gd_comm_select_transport. Collective. */
gd_status gd_comm_prepare_subgroup(gd_comm *comm, int32_t ranks, gd_error *error) GD_CHECKED;

/* The same as gd_comm_gather_all among the first `ranks` ranks (prepared), who alone call it, over the
 * transport in use. Collective among them. */
gd_status gd_comm_gather_subgroup(gd_comm *comm, int32_t ranks, const double *mine, const int32_t *counts,
                                  double *all, gd_error *error) GD_CHECKED;

#endif
