/* The NCCL transport in a build without NCCL: refuses to open. */
#include "mpi/agree.h"
#include "mpi/transport_nccl.h"

const gd_transport gd_transport_nccl = {.name = "nccl"};

gd_status gd_nccl_open(gd_comm *comm, gd_memory *memory, gd_error *error)
{
    (void)memory;
    gd_status status =
        gd_fail(error, GD_USAGE,
                "this program was built without NCCL; use the transport mpi or auto, or build it with "
                "-DGD_CUDA=ON (scripts/setup.sh --cuda brings what that needs)");
    return gd_comm_agree(comm, status, error);
}
