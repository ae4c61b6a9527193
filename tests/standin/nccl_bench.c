/* A rank with a stream and a communicator of all ranks, for tests of the stand-in's NCCL. */
#include "standin/nccl_bench.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void nccl_bench_stop(const char *what, int line)
{
    fprintf(stderr, "line %d: %s\n", line, what);
    exit(1);
}

void nccl_bench_start(nccl_bench *bench)
{
    must(MPI_Comm_rank(MPI_COMM_WORLD, &bench->rank) == MPI_SUCCESS);
    must(MPI_Comm_size(MPI_COMM_WORLD, &bench->size) == MPI_SUCCESS);
    must(cudaStreamCreateWithFlags(&bench->stream, cudaStreamNonBlocking) == cudaSuccess);
    bench->comm = NULL;
}

ncclResult_t nccl_bench_join(nccl_bench *bench)
{
    ncclUniqueId id;
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    must(bench->rank != 0 || ncclGetUniqueId(&id) == ncclSuccess);
    must(MPI_Bcast(&id, sizeof id, MPI_BYTE, 0, MPI_COMM_WORLD) == MPI_SUCCESS);
    return ncclCommInitRankConfig(&bench->comm, bench->size, id, bench->rank, &config);
}

ncclResult_t nccl_poll(ncclComm_t comm, double seconds)
{
    ncclResult_t state = ncclInProgress;
    double start = MPI_Wtime();
    while (state == ncclInProgress && MPI_Wtime() - start < seconds)
        must(ncclCommGetAsyncError(comm, &state) == ncclSuccess);
    return state;
}

void nccl_bench_end(nccl_bench *bench)
{
    must(cudaStreamSynchronize(bench->stream) == cudaSuccess);
    if (bench->comm) {
        must(ncclCommFinalize(bench->comm) == ncclInProgress && nccl_poll(bench->comm, 30) == ncclSuccess);
        must(ncclCommDestroy(bench->comm) == ncclSuccess);
    }
    must(cudaStreamDestroy(bench->stream) == cudaSuccess);
}

static float *pinned(size_t count)
{
    float *values = NULL;
    must(cudaHostAlloc((void **)&values, count * sizeof *values, cudaHostAllocDefault) == cudaSuccess);
    return values;
}

float *nccl_filled(const nccl_bench *bench, size_t count, float first)
{
    float *host = pinned(count), *device = NULL;
    for (size_t i = 0; i < count; i++)
        host[i] = first + (float)i;
    must(cudaMalloc((void **)&device, count * sizeof *device) == cudaSuccess);
    must(cudaMemcpyAsync(device, host, count * sizeof *host, cudaMemcpyHostToDevice, bench->stream) ==
         cudaSuccess);
    must(cudaStreamSynchronize(bench->stream) == cudaSuccess);
    must(cudaFreeHost(host) == cudaSuccess);
    return device;
}

bool nccl_holds(const nccl_bench *bench, const float *device, size_t count, float first)
{
    float *host = pinned(count);
    bool same = true;
    must(cudaMemcpyAsync(host, device, count * sizeof *host, cudaMemcpyDeviceToHost, bench->stream) ==
         cudaSuccess);
    must(cudaStreamSynchronize(bench->stream) == cudaSuccess);
    for (size_t i = 0; i < count; i++)
        same = same && host[i] == first + (float)i;
    must(cudaFreeHost(host) == cudaSuccess);
    return same;
}
