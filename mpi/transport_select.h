/* Selection of the transport that carries pixels between ranks. */
#ifndef GD_MPI_TRANSPORT_SELECT_H
#define GD_MPI_TRANSPORT_SELECT_H

#include "base/memory.h"
#include "base/status.h"
#include "mpi/comm.h"

#include <stdbool.h>

/* Selects the transport: "mpi" (any memory), "nccl" (device memory), or "auto" (nccl if `memory` is a
 * device's, NCCL is compiled in, and no two ranks share a device; else mpi). `shared`: some ranks share a
 * device, which NCCL refuses. The choice depends only on these, so all ranks make the same one. Collective.
 */
gd_status gd_comm_select_transport(gd_comm *comm, const char *transport, gd_memory *memory, bool shared,
                                   gd_error *error) GD_CHECKED;

/* The choice of "auto", also for ranks that do not run (--dry-run): true for NCCL, false for MPI. `device`:
 * pixels are in a device's memory; `shared` as above. Not collective. */
bool gd_transport_auto_is_nccl(int32_t ranks, bool device, bool shared);

/* Name of the transport in use: "mpi" or "nccl". Not collective. */
const char *gd_comm_transport(const gd_comm *comm);

#endif
