/* The transport over NCCL, for device memory. transport_nccl_absent.c replaces it in builds without NCCL. */
#ifndef GD_MPI_TRANSPORT_NCCL_H
#define GD_MPI_TRANSPORT_NCCL_H

#include "base/memory.h"
#include "base/status.h"
#include "mpi/transport.h"

/* Has no functions in a build without NCCL. */
extern const gd_transport gd_transport_nccl;

/* Creates the communicator of all ranks on the current device, whose memory is `memory`. Collective. */
gd_status gd_nccl_open(gd_comm *comm, gd_memory *memory, gd_error *error) GD_CHECKED;

#endif
