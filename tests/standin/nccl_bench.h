/* A rank with a stream and a communicator of all ranks, for tests of the stand-in's NCCL. */
#ifndef GD_STANDIN_NCCL_BENCH_H
#define GD_STANDIN_NCCL_BENCH_H

#include <cuda_runtime_api.h>
#include <mpi.h>
#include <nccl.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct nccl_bench {
    int rank, size;
    cudaStream_t stream;
    ncclComm_t comm;
} nccl_bench;

/* Ends the process with the call's text unless it holds. */
#define must(call)                                                                                           \
    do {                                                                                                     \
        if (!(call))                                                                                         \
            nccl_bench_stop(#call, __LINE__);                                                                \
    } while (0)
_Noreturn void nccl_bench_stop(const char *what, int line);

void nccl_bench_start(nccl_bench *bench); /* after MPI_Init: the stream */
/* Begins the communicator of all ranks and does not poll. */
ncclResult_t nccl_bench_join(nccl_bench *bench);
void nccl_bench_end(nccl_bench *bench); /* destroys both */

/* Polls until the communicator is no longer in progress, or `seconds` have passed: then ncclInProgress. */
ncclResult_t nccl_poll(ncclComm_t comm, double seconds);

/* Device memory with floats first, first + 1, ... in it; and the other way. */
float *nccl_filled(const nccl_bench *bench, size_t count, float first);
bool nccl_holds(const nccl_bench *bench, const float *device, size_t count, float first);

#endif
