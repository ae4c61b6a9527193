/* Converts results of NCCL and CUDA to a status and a message with rank, host and GPU, and bounds every wait.
 */
#include "mpi/nccl_check.h"

#include "base/clock.h"
#include "mpi/backoff.h"
#include "mpi/comm_state.h"
#include "mpi/nccl_state.h"

gd_status gd_nccl_check_cuda(const gd_comm *comm, cudaError_t result, const char *call, gd_error *error)
{
    if (result == cudaSuccess)
        return GD_OK;
    if (result == cudaErrorMemoryAllocation)
        return gd_fail(
            error, GD_MEMORY,
            "rank %d on %s, GPU %s: %s for NCCL: the GPU has no memory left; use a smaller -ts, or end "
            "what else runs on it",
            comm->rank, comm->host, comm->nccl->gpu, call);
    return gd_fail(error, GD_BACKEND, "rank %d on %s, GPU %s: %s failed: %s", comm->rank, comm->host,
                   comm->nccl->gpu, call, cudaGetErrorString(result));
}

gd_status gd_nccl_refuse(const gd_comm *comm, ncclComm_t over, ncclResult_t result, const char *call,
                         gd_error *error)
{
    const char *words = over ? ncclGetLastError(over) : NULL;
    return gd_fail(error, GD_COMM,
                   "rank %d on %s, GPU %s: %s failed: %s%s%.300s; look for a rank that ended before, and set "
                   "NCCL_DEBUG=INFO to see what NCCL says",
                   comm->rank, comm->host, comm->nccl->gpu, call, ncclGetErrorString(result),
                   words && words[0] ? ": " : "", words ? words : "");
}

gd_status gd_nccl_too_late(const gd_comm *comm, const char *call, gd_error *error)
{
    return gd_fail(
        error, GD_COMM,
        "rank %d on %s, GPU %s: waited %.0f s for the other ranks at %s; look for one that hangs, or "
        "whose network is down, and set NCCL_DEBUG=INFO to see what NCCL says",
        comm->rank, comm->host, comm->nccl->gpu, comm->deadline, call);
}

ncclResult_t gd_nccl_state(ncclComm_t over)
{
    ncclResult_t state = ncclSuccess;
    const ncclResult_t asked = ncclCommGetAsyncError(over, &state);
    return asked == ncclSuccess ? state : asked;
}

gd_status gd_nccl_complete(const gd_comm *comm, ncclComm_t over, ncclResult_t result, const char *call,
                           gd_error *error)
{
    const double start = gd_clock();
    gd_backoff backoff = {0};
    while (result == ncclInProgress) {
        result = gd_nccl_state(over);
        if (result != ncclInProgress)
            break;
        if (gd_clock() - start > comm->deadline)
            return gd_nccl_too_late(comm, call, error);
        gd_backoff_pause(&backoff);
    }
    return result == ncclSuccess ? GD_OK : gd_nccl_refuse(comm, over, result, call, error);
}

gd_status gd_nccl_check_async(const gd_comm *comm, ncclComm_t over, const char *what, gd_error *error)
{
    const ncclResult_t state = gd_nccl_state(over);
    if (state == ncclSuccess || state == ncclInProgress)
        return GD_OK;
    return gd_nccl_refuse(comm, over, state, what, error);
}
