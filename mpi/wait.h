/* Checked calls of MPI and bounded waits; private to this folder. */
#ifndef GD_MPI_WAIT_H
#define GD_MPI_WAIT_H

#include "mpi/comm_state.h"

/* GD_OK for MPI_SUCCESS; else GD_COMM, with MPI's own words. */
gd_status gd_mpi_check(const gd_comm *comm, int code, const char *call, gd_error *error) GD_CHECKED;

/* Which of the requests have ended since the last call: *ended of them, their indices in which[count]. */
gd_status gd_mpi_test_some(const gd_comm *comm, int count, MPI_Request *requests, int *which, int *ended,
                           gd_error *error) GD_CHECKED;

/* Lets the transport in use hand to MPI what has arrived from a device meanwhile. Called wherever this rank
 * waits: another rank may need it, in an exchange that this rank is not waiting for. */
gd_status gd_mpi_progress(gd_comm *comm, gd_error *error) GD_CHECKED;

/* Waits for a nonblocking collective; `what` names it when the deadline passes. */
gd_status gd_mpi_wait(gd_comm *comm, MPI_Request *request, const char *what, gd_error *error) GD_CHECKED;

#endif
