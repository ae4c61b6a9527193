/* Exchanges pixels between GPUs, and gathers moments, over NCCL. The only file in mpi/ that uses NCCL and
 * CUDA.
 *
 * Communicators are nonblocking: every call that returns ncclInProgress is polled until it ends, with the
 * deadline of all waits. Nothing here is part of a CUDA graph, and no environment variable of NCCL is set. */
#include "mpi/transport_nccl.h"

#include "base/clock.h"
#include "base/minmax.h"
#include "mpi/agree.h"
#include "mpi/backoff.h"
#include "mpi/comm_state.h"

#include <cuda_runtime_api.h>
#include <nccl.h>
#include <stdlib.h>
#include <string.h>

enum {
    GPU_NAME = 32,
    GATHER_DOUBLES = 1 << 17, /* size of the device and the staging buffer of a gathering; a longer one takes
                                 several rounds */
};

/* A communicator of the first `ranks` ranks. */
typedef struct split {
    int32_t ranks;
    ncclComm_t comm; /* owned; NULL on the other ranks */
} split;

struct gd_nccl {
    gd_memory *memory; /* borrowed; used by exchanges and gatherings */
    ncclComm_t all;    /* owned */
    split *splits;     /* owned; [split_count] */
    int32_t split_count;
    char gpu[GPU_NAME];   /* PCI bus address */
    double *device;       /* owned; [GATHER_DOUBLES] this rank's values, then those of all ranks */
    double *staging;      /* owned; [GATHER_DOUBLES] the same in pinned host memory */
    cudaEvent_t gathered; /* owned */
};

struct gd_batch {
    const gd_comm *comm; /* borrowed */
};

static gd_status check_cuda(const gd_comm *comm, cudaError_t result, const char *call, gd_error *error)
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

/* `over` may be NULL: then there is no message from NCCL. */
static gd_status refuse(const gd_comm *comm, ncclComm_t over, ncclResult_t result, const char *call,
                        gd_error *error)
{
    const char *words = over ? ncclGetLastError(over) : NULL;
    return gd_fail(error, GD_COMM,
                   "rank %d on %s, GPU %s: %s failed: %s%s%.300s; look for a rank that ended before, and set "
                   "NCCL_DEBUG=INFO to see what NCCL says",
                   comm->rank, comm->host, comm->nccl->gpu, call, ncclGetErrorString(result),
                   words && words[0] ? ": " : "", words ? words : "");
}

static gd_status too_late(const gd_comm *comm, const char *call, gd_error *error)
{
    return gd_fail(
        error, GD_COMM,
        "rank %d on %s, GPU %s: waited %.0f s for the other ranks at %s; look for one that hangs, or "
        "whose network is down, and set NCCL_DEBUG=INFO to see what NCCL says",
        comm->rank, comm->host, comm->nccl->gpu, comm->deadline, call);
}

/* The state of a communicator, ncclInProgress included. If the query itself fails, its error counts as the
 * state. */
static ncclResult_t state_of(ncclComm_t over)
{
    ncclResult_t state = ncclSuccess;
    const ncclResult_t asked = ncclCommGetAsyncError(over, &state);
    return asked == ncclSuccess ? state : asked;
}

/* Waits for the end of a call on `over` that returned `result`. */
static gd_status complete(const gd_comm *comm, ncclComm_t over, ncclResult_t result, const char *call,
                          gd_error *error)
{
    const double start = gd_clock();
    gd_backoff backoff = {0};
    while (result == ncclInProgress) {
        result = state_of(over);
        if (result != ncclInProgress)
            break;
        if (gd_clock() - start > comm->deadline)
            return too_late(comm, call, error);
        gd_backoff_pause(&backoff);
    }
    return result == ncclSuccess ? GD_OK : refuse(comm, over, result, call, error);
}

/* The part of the preparation that needs no other rank. */
static gd_status prepare_device(gd_comm *comm, gd_error *error)
{
    gd_nccl *nccl = comm->nccl;
    int ordinal = 0;
    void *device = NULL, *staging = NULL;
    gd_status status = check_cuda(comm, cudaGetDevice(&ordinal), "cudaGetDevice", error);
    if (status == GD_OK)
        status = check_cuda(comm, cudaDeviceGetPCIBusId(nccl->gpu, GPU_NAME, ordinal),
                            "cudaDeviceGetPCIBusId", error);
    if (status == GD_OK)
        status = check_cuda(comm, cudaEventCreateWithFlags(&nccl->gathered, cudaEventDisableTiming),
                            "cudaEventCreateWithFlags", error);
    if (status == GD_OK)
        status = check_cuda(comm, cudaMalloc(&device, GATHER_DOUBLES * sizeof(double)), "cudaMalloc", error);
    nccl->device = device;
    if (status == GD_OK)
        status =
            check_cuda(comm, cudaHostAlloc(&staging, GATHER_DOUBLES * sizeof(double), cudaHostAllocDefault),
                       "cudaHostAlloc", error);
    nccl->staging = staging;
    return status;
}

static void release_device(gd_nccl *nccl)
{
    if (nccl->gathered)
        (void)cudaEventDestroy(nccl->gathered);
    (void)cudaFree(nccl->device);
    (void)cudaFreeHost(nccl->staging);
}

static gd_status prepare_open(gd_comm *comm, gd_memory *memory, ncclUniqueId *identity, gd_error *error)
{
    comm->nccl = calloc(1, sizeof *comm->nccl);
    if (!comm->nccl)
        return gd_no_memory(error, "the state of NCCL");
    comm->nccl->memory = memory;
    gd_status status = prepare_device(comm, error);
    if (status == GD_OK && comm->rank == 0)
        status = complete(comm, NULL, ncclGetUniqueId(identity), "ncclGetUniqueId", error);
    return status;
}

gd_status gd_nccl_open(gd_comm *comm, gd_memory *memory, gd_error *error)
{
    ncclUniqueId identity = {{0}};
    gd_status status = prepare_open(comm, memory, &identity, error);
    status = gd_comm_agree(comm, status, error);
    if (status != GD_OK) {
        if (comm->nccl)
            release_device(comm->nccl);
        free(comm->nccl);
        comm->nccl = NULL;
        return status;
    }
    status = gd_comm_broadcast(comm, &identity, sizeof identity, error);
    if (status != GD_OK)
        return status;
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    config.splitShare = 1; /* communicators split from this one share its resources */
    const ncclResult_t result =
        ncclCommInitRankConfig(&comm->nccl->all, comm->size, identity, comm->rank, &config);
    return complete(comm, comm->nccl->all, result, "ncclCommInitRankConfig", error);
}

/* The communicator split off for this number of ranks; NULL: there is none. */
static const split *find_split(const gd_comm *comm, int32_t ranks)
{
    const gd_nccl *nccl = comm->nccl;
    for (int32_t i = 0; i < nccl->split_count; i++)
        if (nccl->splits[i].ranks == ranks)
            return &nccl->splits[i];
    return NULL;
}

static ncclComm_t find(const gd_comm *comm, int32_t ranks)
{
    const split *made = find_split(comm, ranks);
    if (ranks == comm->size)
        return comm->nccl->all;
    return made ? made->comm : NULL;
}

static bool is_prepared(const gd_comm *comm, int32_t ranks)
{
    return ranks == comm->size || find_split(comm, ranks);
}

static gd_status prepare(gd_comm *comm, int32_t ranks, gd_error *error)
{
    gd_nccl *nccl = comm->nccl;
    if (is_prepared(comm, ranks))
        return GD_OK;
    split *longer = realloc(nccl->splits, (size_t)(nccl->split_count + 1) * sizeof *longer);
    if (!longer)
        return gd_no_memory(error, "a communicator of %d ranks", ranks);
    nccl->splits = longer;
    split *made = &nccl->splits[nccl->split_count++];
    *made = (split){ranks, NULL};
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    const bool inside = comm->rank < ranks;
    ncclResult_t result =
        ncclCommSplit(nccl->all, inside ? 0 : NCCL_SPLIT_NOCOLOR, comm->rank, &made->comm, &config);
    if (result == ncclSuccess) /* NCCL 2.28 returns it during the split; the parent's state is right */
        result = state_of(nccl->all);
    gd_status status = complete(comm, nccl->all, result, "ncclCommSplit", error);
    if (status == GD_OK && made->comm)
        status = complete(comm, made->comm, state_of(made->comm), "ncclCommSplit", error);
    if (status == GD_OK && inside && !made->comm)
        status = gd_fail(error, GD_COMM, "rank %d on %s: ncclCommSplit made no communicator of %d ranks",
                         comm->rank, comm->host, ranks);
    return status;
}

/* Queues one parcel; called within an NCCL group. */
static ncclResult_t queue_parcel(const gd_nccl *nccl, const gd_parcel *parcel, cudaStream_t queue,
                                 const char **call)
{
    const size_t count = (size_t)parcel->count;
    *call = parcel->outgoing ? "ncclSend" : "ncclRecv";
    return parcel->outgoing ? ncclSend(parcel->values, count, ncclFloat32, parcel->peer, nccl->all, queue)
                            : ncclRecv(parcel->values, count, ncclFloat32, parcel->peer, nccl->all, queue);
}

/* Queues all parcels as one group. */
static gd_status queue_group(gd_comm *comm, cudaStream_t queue, const gd_parcel *parcels, int32_t count,
                             gd_error *error)
{
    const gd_nccl *nccl = comm->nccl;
    const char *call = "ncclGroupStart";
    ncclResult_t result = ncclGroupStart();
    if (result != ncclSuccess)
        return refuse(comm, nccl->all, result, call, error);
    for (int32_t p = 0; p < count && (result == ncclSuccess || result == ncclInProgress); p++)
        result = queue_parcel(nccl, &parcels[p], queue, &call);
    const ncclResult_t end = ncclGroupEnd();
    if (result != ncclSuccess && result != ncclInProgress)
        return refuse(comm, nccl->all, result, call, error);
    return complete(comm, nccl->all, end, "ncclGroupEnd", error);
}

static gd_status post(gd_comm *comm, gd_memory *memory, uint64_t sequence, gd_parcel *parcels, int32_t count,
                      gd_batch **out, gd_error *error)
{
    (void)sequence; /* all ranks queue exchanges in the same order */
    gd_batch *batch = malloc(sizeof *batch);
    *out = batch;
    if (!batch)
        return gd_no_memory(error, "%d messages", count);
    batch->comm = comm;
    gd_status status = queue_group(comm, memory->class->queue(memory), parcels, count, error);
    for (int32_t p = 0; p < count && status == GD_OK; p++)
        parcels[p].done = true; /* work queued from now on runs after the transfer */
    return status;
}

static gd_status look_for_failures(const gd_comm *comm, ncclComm_t over, const char *what, gd_error *error)
{
    const ncclResult_t state = state_of(over);
    if (state == ncclSuccess || state == ncclInProgress)
        return GD_OK;
    return refuse(comm, over, state, what, error);
}

static gd_status test(gd_batch *batch, gd_error *error)
{
    return look_for_failures(batch->comm, batch->comm->nccl->all, "an exchange of pixels", error);
}

static void free_batch(gd_batch *batch)
{
    free(batch);
}

/* Waits for the end of a gathering. */
static gd_status wait_gathered(const gd_comm *comm, ncclComm_t over, gd_error *error)
{
    static const char what[] = "a gathering of values";
    const double start = gd_clock();
    gd_backoff backoff = {0};
    for (;;) {
        const cudaError_t result = cudaEventQuery(comm->nccl->gathered);
        if (result == cudaSuccess)
            return GD_OK;
        if (result != cudaErrorNotReady)
            return check_cuda(comm, result, what, error);
        (void)cudaGetLastError(); /* clears it, else the next kernel launch would report it */
        gd_status status = look_for_failures(comm, over, what, error);
        if (status != GD_OK)
            return status;
        if (gd_clock() - start > comm->deadline)
            return too_late(comm, what, error);
        gd_backoff_pause(&backoff);
    }
}

/* Gathers staging[0 .. count) of each rank into staging[count .. count + ranks * count). */
static gd_status gather_round(gd_comm *comm, ncclComm_t over, int32_t ranks, size_t count, gd_error *error)
{
    const gd_nccl *nccl = comm->nccl;
    const cudaStream_t queue = nccl->memory->class->queue(nccl->memory);
    const size_t bytes = count * sizeof(double);
    gd_status status =
        check_cuda(comm, cudaMemcpyAsync(nccl->device, nccl->staging, bytes, cudaMemcpyHostToDevice, queue),
                   "cudaMemcpyAsync to the GPU", error);
    if (status == GD_OK)
        status = complete(comm, over,
                          ncclAllGather(nccl->device, nccl->device + count, count, ncclFloat64, over, queue),
                          "ncclAllGather", error);
    if (status == GD_OK)
        status = check_cuda(comm,
                            cudaMemcpyAsync(nccl->staging + count, nccl->device + count,
                                            bytes * (size_t)ranks, cudaMemcpyDeviceToHost, queue),
                            "cudaMemcpyAsync to the host", error);
    if (status == GD_OK)
        status = check_cuda(comm, cudaEventRecord(nccl->gathered, queue), "cudaEventRecord", error);
    return status == GD_OK ? wait_gathered(comm, over, error) : status;
}

/* Gathers the values [at, at + length) of every rank that has so many. */
static gd_status gather_some(gd_comm *comm, ncclComm_t over, int32_t ranks, int32_t at, int32_t length,
                             const double *mine, const int32_t *counts, double *all, gd_error *error)
{
    double *staging = comm->nccl->staging;
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

static gd_status gather(gd_comm *comm, int32_t ranks, const double *mine, const int32_t *counts, double *all,
                        gd_error *error)
{
    const int32_t most = GATHER_DOUBLES / (ranks + 1);
    ncclComm_t over = find(comm, ranks);
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

/* Closes one communicator. Aborts it if it is broken or if the ranks end because of a failure: then they may
 * not all have started the same work. */
static void close_one(const gd_comm *comm, ncclComm_t over)
{
    gd_error unused;
    if (!over)
        return;
    const bool sound = !comm->agreed && state_of(over) == ncclSuccess;
    if (sound && complete(comm, over, ncclCommFinalize(over), "ncclCommFinalize", &unused) == GD_OK)
        (void)ncclCommDestroy(over);
    else
        (void)ncclCommAbort(over);
}

static void close_all(gd_comm *comm)
{
    gd_nccl *nccl = comm->nccl;
    if (!nccl)
        return;
    for (int32_t i = 0; i < nccl->split_count; i++)
        close_one(comm, nccl->splits[i].comm);
    close_one(comm, nccl->all);
    release_device(nccl);
    free(nccl->splits);
    free(nccl);
    comm->nccl = NULL;
}

static void abort_all(gd_comm *comm)
{
    gd_nccl *nccl = comm->nccl;
    if (!nccl)
        return;
    for (int32_t i = 0; i < nccl->split_count; i++)
        if (nccl->splits[i].comm)
            (void)ncclCommAbort(nccl->splits[i].comm);
    if (nccl->all)
        (void)ncclCommAbort(nccl->all);
    comm->nccl = NULL; /* the process ends */
}

const gd_transport gd_transport_nccl = {.name = "nccl",
                                        .post = post,
                                        .test = test,
                                        .free = free_batch,
                                        .prepare = prepare,
                                        .gather = gather,
                                        .close = close_all,
                                        .abort = abort_all};
