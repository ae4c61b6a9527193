/* Selects the transport by name and memory, and opens NCCL if it is chosen. */
#include "mpi/transport_select.h"

#include "mpi/agree.h"
#include "mpi/comm_state.h"
#include "mpi/transport_mpi.h"
#include "mpi/transport_nccl.h"

#include <string.h>

bool gd_transport_auto_is_nccl(int32_t ranks, bool device, bool shared)
{
    return ranks > 1 && device && !shared && gd_transport_nccl.post;
}

static gd_status choose(const gd_comm *comm, const char *transport, const gd_memory *memory, bool shared,
                        bool *nccl, gd_error *error)
{
    const bool device = memory->class->kind == GD_MEMORY_DEVICE;
    *nccl = strcmp(transport, "nccl") == 0;
    if (strcmp(transport, "auto") == 0)
        *nccl = gd_transport_auto_is_nccl(comm->size, device, shared);
    else if (!*nccl && strcmp(transport, "mpi") != 0)
        return gd_fail(error, GD_USAGE, "there is no transport \"%.100s\"; use auto, nccl or mpi", transport);
    if (*nccl && !device)
        return gd_fail(error, GD_USAGE,
                       "NCCL moves pixels between GPUs only, and the canvas is in host memory here; use "
                       "--backend cuda, or another transport: mpi or auto");
    if (*nccl && shared)
        return gd_fail(error, GD_USAGE,
                       "NCCL refuses ranks that share a GPU; give each rank a GPU of its own, or use another "
                       "transport: mpi or auto");
    return GD_OK;
}

gd_status gd_comm_select_transport(gd_comm *comm, const char *transport, gd_memory *memory, bool shared,
                                   gd_error *error)
{
    bool nccl = false;
    gd_status status = gd_comm_agree(comm, choose(comm, transport, memory, shared, &nccl, error), error);
    if (status != GD_OK)
        return status;
    if (comm->transport->close)
        comm->transport->close(comm);
    comm->transport = &gd_transport_mpi;
    if (!nccl)
        return GD_OK;
    status = gd_nccl_open(comm, memory, error);
    if (comm->nccl) /* also after a failure: gd_comm_abort must abort it */
        comm->transport = &gd_transport_nccl;
    return status;
}

const char *gd_comm_transport(const gd_comm *comm)
{
    return comm->transport->name;
}
