/* Exchanges pixels between GPUs over NCCL, and opens and closes its communicators.
 *
 * Communicators are nonblocking: every call that returns ncclInProgress is polled until it ends, with the
 * deadline of all waits. Nothing here is part of a CUDA graph, and no environment variable of NCCL is set. */
#include "mpi/transport_nccl.h"

#include "mpi/agree.h"
#include "mpi/comm_state.h"
#include "mpi/nccl_check.h"
#include "mpi/nccl_gather.h"
#include "mpi/nccl_state.h"

#include <stdlib.h>

struct gd_batch {
    const gd_comm *comm; /* borrowed */
};

/* Does all preparation that needs no other rank. */
static gd_status prepare_open(gd_comm *comm, gd_memory *memory, ncclUniqueId *identity, gd_error *error)
{
    comm->nccl = calloc(1, sizeof *comm->nccl);
    if (!comm->nccl)
        return gd_no_memory(error, "the state of NCCL");
    comm->nccl->memory = memory;
    int ordinal = 0;
    gd_status status = gd_nccl_check_cuda(comm, cudaGetDevice(&ordinal), "cudaGetDevice", error);
    if (status == GD_OK)
        status = gd_nccl_check_cuda(comm, cudaDeviceGetPCIBusId(comm->nccl->gpu, GD_NCCL_GPU_NAME, ordinal),
                                    "cudaDeviceGetPCIBusId", error);
    if (status == GD_OK)
        status = gd_nccl_gather_open(comm, error);
    if (status == GD_OK && comm->rank == 0)
        status = gd_nccl_complete(comm, NULL, ncclGetUniqueId(identity), "ncclGetUniqueId", error);
    return status;
}

/* How communicators work: nonblocking, and, where NCCL knows that policy (from 2.27 on), with as few
 * multiprocessors as full bandwidth needs, since windows are computed on the others meanwhile. */
static ncclConfig_t configuration(void)
{
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
#ifdef NCCL_CTA_POLICY_EFFICIENCY
    config.CTAPolicy = NCCL_CTA_POLICY_EFFICIENCY;
#endif
    return config;
}

gd_status gd_nccl_open(gd_comm *comm, gd_memory *memory, gd_error *error)
{
    ncclUniqueId identity = {{0}};
    gd_status status = prepare_open(comm, memory, &identity, error);
    status = gd_comm_agree(comm, status, error);
    if (status != GD_OK) {
        if (comm->nccl)
            gd_nccl_gather_close(&comm->nccl->gathering);
        free(comm->nccl);
        comm->nccl = NULL;
        return status;
    }
    status = gd_comm_broadcast(comm, &identity, sizeof identity, error);
    if (status != GD_OK)
        return status;
    ncclConfig_t config = configuration();
    config.splitShare = 1; /* communicators split from this one share its resources */
    const ncclResult_t result =
        ncclCommInitRankConfig(&comm->nccl->all, comm->size, identity, comm->rank, &config);
    return gd_nccl_complete(comm, comm->nccl->all, result, "ncclCommInitRankConfig", error);
}

/* The communicator split off for this number of ranks; NULL: there is none. */
static const gd_nccl_split *find_split(const gd_comm *comm, int32_t ranks)
{
    const gd_nccl *nccl = comm->nccl;
    for (int32_t i = 0; i < nccl->split_count; i++)
        if (nccl->splits[i].ranks == ranks)
            return &nccl->splits[i];
    return NULL;
}

static ncclComm_t find(const gd_comm *comm, int32_t ranks)
{
    const gd_nccl_split *made = find_split(comm, ranks);
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
    gd_nccl_split *longer = realloc(nccl->splits, (size_t)(nccl->split_count + 1) * sizeof *longer);
    if (!longer)
        return gd_no_memory(error, "a communicator of %d ranks", ranks);
    nccl->splits = longer;
    gd_nccl_split *made = &nccl->splits[nccl->split_count++];
    *made = (gd_nccl_split){ranks, NULL};
    ncclConfig_t config = configuration();
    const bool inside = comm->rank < ranks;
    ncclResult_t result =
        ncclCommSplit(nccl->all, inside ? 0 : NCCL_SPLIT_NOCOLOR, comm->rank, &made->comm, &config);
    if (result == ncclSuccess) /* NCCL 2.28 returns it during the split; the parent's state is right */
        result = gd_nccl_state(nccl->all);
    gd_status status = gd_nccl_complete(comm, nccl->all, result, "ncclCommSplit", error);
    if (status == GD_OK && made->comm)
        status = gd_nccl_complete(comm, made->comm, gd_nccl_state(made->comm), "ncclCommSplit", error);
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
        return gd_nccl_refuse(comm, nccl->all, result, call, error);
    for (int32_t p = 0; p < count && (result == ncclSuccess || result == ncclInProgress); p++)
        result = queue_parcel(nccl, &parcels[p], queue, &call);
    const ncclResult_t end = ncclGroupEnd();
    if (result != ncclSuccess && result != ncclInProgress)
        return gd_nccl_refuse(comm, nccl->all, result, call, error);
    return gd_nccl_complete(comm, nccl->all, end, "ncclGroupEnd", error);
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

static gd_status test(gd_batch *batch, gd_error *error)
{
    return gd_nccl_check_async(batch->comm, batch->comm->nccl->all, "an exchange of pixels", error);
}

static void free_batch(gd_batch *batch)
{
    free(batch);
}

static gd_status gather(gd_comm *comm, int32_t ranks, const double *mine, const int32_t *counts, double *all,
                        gd_error *error)
{
    return gd_nccl_gather(comm, find(comm, ranks), ranks, mine, counts, all, error);
}

/* Closes one communicator. Aborts it if it is broken or if the ranks end because of a failure: then they may
 * not all have started the same work. */
static void close_one(const gd_comm *comm, ncclComm_t over)
{
    gd_error unused;
    if (!over)
        return;
    const bool sound = !comm->agreed && gd_nccl_state(over) == ncclSuccess;
    if (sound && gd_nccl_complete(comm, over, ncclCommFinalize(over), "ncclCommFinalize", &unused) == GD_OK)
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
    gd_nccl_gather_close(&nccl->gathering);
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
