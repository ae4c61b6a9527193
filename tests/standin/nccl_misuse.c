/* nccl_misuse MODE: two ranks do one thing wrong, or meet an injected failure; test_nccl_misuse.sh looks at
 * what comes of it. */
#include "standin/nccl_bench.h"

#include <stdio.h>
#include <string.h>

enum { COUNT = 64 };
static const double deadline = 0.5; /* seconds that a failure may take to show */

static void settle(nccl_bench *b)
{
    must(nccl_poll(b->comm, 30) == ncclSuccess);
}

/* Rank 0 sends what rank 1 expects otherwise. */
static void mismatch(nccl_bench *b, size_t count, ncclDataType_t type)
{
    float *values = nccl_filled(b, COUNT, 0);
    settle(b);
    if (b->rank == 0)
        (void)ncclSend(values, COUNT, ncclFloat, 1, b->comm, b->stream);
    else
        (void)ncclRecv(values, count, type, 0, b->comm, b->stream);
    settle(b);
    (void)cudaStreamSynchronize(b->stream);
}

static void count(nccl_bench *b)
{
    mismatch(b, COUNT / 2, ncclFloat);
}

static void type(nccl_bench *b)
{
    mismatch(b, COUNT, ncclInt32);
}

/* The ranks do not agree on what is done: a collective here, a message there. */
static void kind(nccl_bench *b)
{
    float *values = nccl_filled(b, 2 * COUNT, 0);
    settle(b);
    if (b->rank == 0)
        (void)ncclSend(values, COUNT, ncclFloat, 1, b->comm, b->stream);
    else
        (void)ncclBroadcast(values, values, COUNT, ncclFloat, 0, b->comm, b->stream);
    settle(b);
    (void)cudaStreamSynchronize(b->stream);
}

static void unsent(nccl_bench *b)
{
    float *values = nccl_filled(b, COUNT, 0);
    settle(b);
    if (b->rank == 1) {
        (void)ncclRecv(values, COUNT, ncclFloat, 0, b->comm, b->stream);
        settle(b);
        (void)ncclCommDestroy(b->comm);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static void unreceived(nccl_bench *b)
{
    float *values = nccl_filled(b, COUNT, 0);
    settle(b);
    if (b->rank == 0) {
        (void)ncclSend(values, COUNT, ncclFloat, 1, b->comm, b->stream);
        settle(b);
        double start = MPI_Wtime();
        while (MPI_Wtime() - start < deadline) /* it runs, and waits for its receiver */
            (void)cudaStreamQuery(b->stream);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (b->rank == 1)
        (void)ncclCommDestroy(b->comm);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void unpolled(nccl_bench *b)
{
    float *values = nccl_filled(b, COUNT, 0);
    (void)ncclSend(values, COUNT, ncclFloat, 1 - b->rank, b->comm, b->stream);
}

/* The result is read without asking whether NCCL has queued it. */
static void early(nccl_bench *b)
{
    float *values = nccl_filled(b, COUNT, 0), *all = NULL;
    settle(b);
    must(cudaMalloc((void **)&all, 2 * COUNT * sizeof *all) == cudaSuccess);
    (void)ncclAllGather(values, all, COUNT, ncclFloat, b->comm, b->stream);
    (void)nccl_holds(b, all, 2 * COUNT, 0);
}

static void endless(nccl_bench *b)
{
    settle(b);
    must(ncclGroupStart() == ncclSuccess);
    nccl_bench_end(b);
}

static void unstarted(nccl_bench *b)
{
    settle(b);
    (void)ncclGroupEnd();
}

static void leak(nccl_bench *b)
{
    settle(b);
    b->comm = NULL;
    nccl_bench_end(b);
}

static void twice(nccl_bench *b)
{
    settle(b);
    must(ncclCommDestroy(b->comm) == ncclSuccess);
    (void)ncclCommDestroy(b->comm);
}

static void capture(nccl_bench *b)
{
    float *values = nccl_filled(b, COUNT, 0);
    settle(b);
    must(cudaStreamBeginCapture(b->stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
    (void)ncclBroadcast(values, values, COUNT, ncclFloat, 0, b->comm, b->stream);
}

static void streams(nccl_bench *b)
{
    cudaStream_t other;
    float *one = nccl_filled(b, COUNT, 0), *two = nccl_filled(b, COUNT, 0);
    settle(b);
    must(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking) == cudaSuccess);
    (void)ncclBroadcast(one, one, COUNT, ncclFloat, 0, b->comm, b->stream);
    settle(b);
    (void)ncclBroadcast(two, two, COUNT, ncclFloat, 0, b->comm, other);
    (void)nccl_poll(b->comm, deadline);
}

static void overlap(nccl_bench *b)
{
    float *values = nccl_filled(b, 2 * COUNT, 0);
    settle(b);
    must(ncclGroupStart() == ncclSuccess);
    (void)ncclSend(values, COUNT, ncclFloat, 1 - b->rank, b->comm, b->stream);
    (void)ncclRecv(values + COUNT / 2, COUNT, ncclFloat, 1 - b->rank, b->comm, b->stream);
    (void)ncclGroupEnd();
    (void)nccl_poll(b->comm, deadline);
}

static void unwritten(nccl_bench *b)
{
    float *values = NULL;
    settle(b);
    must(cudaMalloc((void **)&values, COUNT * sizeof *values) == cudaSuccess);
    (void)ncclBroadcast(values, values, COUNT, ncclFloat, 0, b->comm, b->stream);
    settle(b);
    (void)cudaStreamSynchronize(b->stream);
}

static void host(nccl_bench *b)
{
    float values[COUNT] = {0};
    settle(b);
    (void)ncclBroadcast(values, values, COUNT, ncclFloat, 0, b->comm, b->stream);
    (void)nccl_poll(b->comm, deadline);
}

static void split_unpolled(nccl_bench *b)
{
    ncclComm_t part;
    settle(b);
    must(ncclCommSplit(b->comm, 0, b->rank, &part, NULL) == ncclSuccess); /* said too early */
    (void)ncclCommFinalize(part);
}

/* A failure shows within the deadline on one rank at least; all abort, and nothing is left. */
static void survive(nccl_bench *b)
{
    ncclResult_t state = nccl_poll(b->comm, deadline);
    float *values = nccl_filled(b, COUNT, 0);
    if (state == ncclSuccess) {
        (void)ncclBroadcast(values, values, COUNT, ncclFloat, 0, b->comm, b->stream);
        state = nccl_poll(b->comm, deadline);
    }
    double start = MPI_Wtime();
    while (state == ncclSuccess && cudaStreamQuery(b->stream) == cudaErrorNotReady &&
           MPI_Wtime() - start < deadline)
        must(ncclCommGetAsyncError(b->comm, &state) == ncclSuccess);
    printf("rank %d: %s, stream %s, %s\n", b->rank, ncclGetErrorString(state),
           cudaStreamQuery(b->stream) == cudaSuccess ? "done" : "held", ncclGetLastError(b->comm));
    must(ncclCommAbort(b->comm) == ncclSuccess);
    b->comm = NULL;
    nccl_bench_end(b);
    must(cudaFree(values) == cudaSuccess);
    MPI_Barrier(MPI_COMM_WORLD);
}

typedef struct mode {
    const char *name;
    void (*run)(nccl_bench *bench);
} mode;

static const mode modes[] = {{"count", count},
                             {"type", type},
                             {"kind", kind},
                             {"unsent", unsent},
                             {"unpolled", unpolled},
                             {"early", early},
                             {"endless", endless},
                             {"unstarted", unstarted},
                             {"leak", leak},
                             {"twice", twice},
                             {"capture", capture},
                             {"streams", streams},
                             {"overlap", overlap},
                             {"unwritten", unwritten},
                             {"unreceived", unreceived},
                             {"host", host},
                             {"split_unpolled", split_unpolled},
                             {"survive", survive}};

int main(int argc, char **argv)
{
    nccl_bench bench;
    int provided;
    must(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided) == MPI_SUCCESS);
    nccl_bench_start(&bench);
    (void)nccl_bench_join(&bench);
    for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run(&bench);
            MPI_Finalize();
            return 0;
        }
    fprintf(stderr, "usage: nccl_misuse MODE\n");
    return 2;
}
