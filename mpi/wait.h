/* Checked MPI calls and bounded waits; private to this folder. */
#ifndef GD_MPI_WAIT_H
#define GD_MPI_WAIT_H

#include "mpi/comm_state.h"

/* GD_OK for MPI_SUCCESS, else GD_COMM with MPI's error text. */
gd_status gd_mpi_check(const gd_comm *comm, int code, const char *call, gd_error *error) GD_CHECKED;

/* Finds the requests that ended since the last call: *ended is their number, which[count] has their indices.
 */
gd_status gd_mpi_test_some(const gd_comm *comm, int count, MPI_Request *requests, int *which, int *ended,
                           gd_error *error) GD_CHECKED;

/* Lets the transport give MPI the messages that were downloaded from a device meanwhile. Called wherever this
 * rank waits: another rank may wait for them, in a different exchange. */
gd_status gd_mpi_progress(gd_comm *comm, gd_error *error) GD_CHECKED;

/* Waits for a nonblocking collective; `what` names it in the message if the deadline passes. */
gd_status gd_mpi_wait(gd_comm *comm, MPI_Request *request, const char *what, gd_error *error) GD_CHECKED;

#endif
