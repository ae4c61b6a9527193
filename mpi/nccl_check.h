/* Results of NCCL and CUDA as a status and a message that names rank, host, GPU and remedy. Not collective.
 * Private to the files that use NCCL. */
#ifndef GD_MPI_NCCL_CHECK_H
#define GD_MPI_NCCL_CHECK_H

#include "base/status.h"
#include "mpi/comm.h"

#include <cuda_runtime_api.h>
#include <nccl.h>

/* GD_OK for cudaSuccess; GD_MEMORY if the GPU has no memory left; else GD_BACKEND. `call` is named in the
 * message. */
gd_status gd_nccl_check_cuda(const gd_comm *comm, cudaError_t result, const char *call,
                             gd_error *error) GD_CHECKED;

/* GD_COMM for a failed call on the communicator `over`; NULL: without NCCL's own message. */
gd_status gd_nccl_refuse(const gd_comm *comm, ncclComm_t over, ncclResult_t result, const char *call,
                         gd_error *error) GD_CHECKED;

/* GD_COMM for a wait that was longer than comm->deadline. */
gd_status gd_nccl_too_late(const gd_comm *comm, const char *call, gd_error *error) GD_CHECKED;

/* The state of a communicator, ncclInProgress included. If the query fails, its error counts as the state. */
ncclResult_t gd_nccl_state(ncclComm_t over);

/* Waits, at most comm->deadline, for the end of a call on `over` that returned `result`. */
gd_status gd_nccl_complete(const gd_comm *comm, ncclComm_t over, ncclResult_t result, const char *call,
                           gd_error *error) GD_CHECKED;

/* Reports an asynchronous failure of `over`, if there is one, without waiting. `what` names the work. */
gd_status gd_nccl_check_async(const gd_comm *comm, ncclComm_t over, const char *what,
                              gd_error *error) GD_CHECKED;

#endif
