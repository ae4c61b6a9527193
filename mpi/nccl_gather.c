/* Gathers values of all ranks over NCCL, through buffers on the device, in rounds of their size. */
#include "mpi/nccl_gather.h"

#include "base/clock.h"
#include "base/minmax.h"
#include "mpi/backoff.h"
#include "mpi/comm_state.h"
#include "mpi/nccl_check.h"

#include <string.h>

gd_status gd_nccl_gather_open(gd_comm *comm, gd_error *error)
{
    gd_nccl_buffers *buffers = &comm->nccl->gathering;
    const size_t bytes = GD_NCCL_GATHER_DOUBLES * sizeof(double);
    void *device = NULL, *staging = NULL;
    gd_status status =
        gd_nccl_check_cuda(comm, cudaEventCreateWithFlags(&buffers->gathered, cudaEventDisableTiming),
                           "cudaEventCreateWithFlags", error);
    if (status == GD_OK)
        status = gd_nccl_check_cuda(comm, cudaMalloc(&device, bytes), "cudaMalloc", error);
    buffers->device = device;
    if (status == GD_OK)
        status = gd_nccl_check_cuda(comm, cudaHostAlloc(&staging, bytes, cudaHostAllocDefault),
                                    "cudaHostAlloc", error);
    buffers->staging = staging;
    return status;
}

void gd_nccl_gather_close(gd_nccl_buffers *buffers)
{
    if (buffers->gathered)
        (void)cudaEventDestroy(buffers->gathered);
    (void)cudaFree(buffers->device);
    (void)cudaFreeHost(buffers->staging);
}

/* Waits for the end of a gathering. */
static gd_status wait_gathered(const gd_comm *comm, ncclComm_t over, gd_error *error)
{
    static const char what[] = "a gathering of values";
    const double start = gd_clock();
    gd_backoff backoff = {0};
    for (;;) {
        const cudaError_t result = cudaEventQuery(comm->nccl->gathering.gathered);
        if (result == cudaSuccess)
            return GD_OK;
        if (result != cudaErrorNotReady)
            return gd_nccl_check_cuda(comm, result, what, error);
        (void)cudaGetLastError(); /* clears it, else the next kernel launch would report it */
        gd_status status = gd_nccl_check_async(comm, over, what, error);
        if (status != GD_OK)
            return status;
        if (gd_clock() - start > comm->deadline)
            return gd_nccl_too_late(comm, what, error);
        gd_backoff_pause(&backoff);
    }
}

/* Gathers staging[0 .. count) of each rank into staging[count .. count + ranks * count). */
static gd_status gather_round(gd_comm *comm, ncclComm_t over, int32_t ranks, size_t count, gd_error *error)
{
    const gd_nccl_buffers *b = &comm->nccl->gathering;
    gd_memory *memory = comm->nccl->memory;
    const cudaStream_t queue = memory->class->queue(memory);
    const size_t bytes = count * sizeof(double);
    gd_status status =
        gd_nccl_check_cuda(comm, cudaMemcpyAsync(b->device, b->staging, bytes, cudaMemcpyHostToDevice, queue),
                           "cudaMemcpyAsync to the GPU", error);
    if (status == GD_OK)
        status = gd_nccl_complete(
            comm, over, ncclAllGather(b->device, b->device + count, count, ncclFloat64, over, queue),
            "ncclAllGather", error);
    if (status == GD_OK)
        status = gd_nccl_check_cuda(comm,
                                    cudaMemcpyAsync(b->staging + count, b->device + count,
                                                    bytes * (size_t)ranks, cudaMemcpyDeviceToHost, queue),
                                    "cudaMemcpyAsync to the host", error);
    if (status == GD_OK)
        status = gd_nccl_check_cuda(comm, cudaEventRecord(b->gathered, queue), "cudaEventRecord", error);
    return status == GD_OK ? wait_gathered(comm, over, error) : status;
}

/* Gathers the values [at, at + length) of every rank that has so many. */
static gd_status gather_some(gd_comm *comm, ncclComm_t over, int32_t ranks, int32_t at, int32_t length,
                             const double *mine, const int32_t *counts, double *all, gd_error *error)
{
    double *staging = comm->nccl->gathering.staging;
    memset(staging, 0, (size_t)length * sizeof *staging);
    if (counts[comm->rank] > at)
        memcpy(staging, mine + at, (size_t)gd_min_i32(length, counts[comm->rank] - at) * sizeof *staging);
    gd_status status = gather_round(comm, over, ranks, (size_t)length, error);
    if (status != GD_OK)
        return status;
    int64_t start = 0;
    for (int32_t r = 0; r < ranks; r++) {
        if (counts[r] > at)
            memcpy(all + start + at, staging + (size_t)(r + 1) * (size_t)length,
                   (size_t)gd_min_i32(length, counts[r] - at) * sizeof *all);
        start += counts[r];
    }
    return GD_OK;
}

gd_status gd_nccl_gather(gd_comm *comm, ncclComm_t over, int32_t ranks, const double *mine,
                         const int32_t *counts, double *all, gd_error *error)
{
    const int32_t most = GD_NCCL_GATHER_DOUBLES / (ranks + 1);
    if (!over || most < 1)
        return gd_fail(error, GD_INTERNAL, "gathering over the first %d ranks was not prepared", ranks);
    int32_t longest = 0;
    for (int32_t r = 0; r < ranks; r++)
        longest = gd_max_i32(counts[r], longest);
    gd_status status = GD_OK;
    for (int32_t at = 0; at < longest && status == GD_OK; at += most)
        status = gather_some(comm, over, ranks, at, gd_min_i32(most, longest - at), mine, counts, all, error);
    return status;
}
