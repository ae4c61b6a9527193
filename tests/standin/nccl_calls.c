/* The calls that move data: each adds its transfers to a group. */
#include "standin/nccl_internal.h"

size_t gd_nccl_bytes(size_t count, ncclDataType_t type)
{
    static const size_t bytes[ncclNumTypes] = {1, 1, 4, 4, 8, 8, 2, 4, 8, 2, 1, 1};
    return count * ((unsigned)type < ncclNumTypes ? bytes[type] : 0);
}

static bool type_known(const char *who, ncclDataType_t type)
{
    if ((unsigned)type < ncclNumTypes)
        return true;
    gd_standin_fail("%s: %d is not a type of data", who, (int)type);
    return false;
}

static bool peer_known(const char *who, ncclComm_t comm, int peer)
{
    if (peer >= 0 && peer < comm->size)
        return true;
    gd_standin_fail("%s: rank %d in a communicator of %d", who, peer, comm->size);
    return false;
}

/* What all calls check; opens a group. NULL: *result says why, and no group is open. */
static gd_nccl_work *start(const char *who, ncclComm_t given, ncclDataType_t type, int peer,
                           cudaStream_t stream, ncclResult_t *result)
{
    ncclComm_t comm = gd_nccl_ready(who, given, result);
    if (!comm)
        return NULL;
    *result = ncclInvalidArgument;
    if (!type_known(who, type) || !peer_known(who, comm, peer))
        return NULL;
    if (gd_standin_injected(who)) {
        *result = gd_nccl_break(comm, ncclSystemError, "%s failed, as was asked for", who);
        return NULL;
    }
    gd_nccl_group_open();
    gd_nccl_work *work = gd_nccl_group_work(who, comm, stream);
    if (!work) {
        (void)gd_nccl_group_close();
        *result = ncclInvalidUsage;
    }
    return work;
}

static ncclResult_t stop(bool added)
{
    ncclResult_t result = gd_nccl_group_close();
    return added ? result : ncclSystemError;
}

ncclResult_t ncclSend(const void *buffer, size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t stream)
{
    ncclResult_t result;
    gd_nccl_work *work = start("ncclSend", comm, type, peer, stream, &result);
    gd_nccl_transfer transfer = {GD_NCCL_SEND_RECV, .outgoing = true, .peer = peer, .buffer = (void *)buffer};
    transfer.count = count;
    transfer.type = type;
    return work ? stop(gd_nccl_add_transfer(work, transfer)) : result;
}

ncclResult_t ncclRecv(void *buffer, size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t stream)
{
    ncclResult_t result;
    gd_nccl_work *work = start("ncclRecv", comm, type, peer, stream, &result);
    gd_nccl_transfer transfer = {GD_NCCL_SEND_RECV, .peer = peer, .buffer = buffer, .count = count,
                                 .type = type};
    return work ? stop(gd_nccl_add_transfer(work, transfer)) : result;
}

ncclResult_t ncclAllGather(const void *from, void *to, size_t count, ncclDataType_t type, ncclComm_t comm,
                           cudaStream_t stream)
{
    ncclResult_t result;
    gd_nccl_work *work = start("ncclAllGather", comm, type, 0, stream, &result);
    if (!work)
        return result;
    size_t bytes = gd_nccl_bytes(count, type);
    char *own = (char *)to + (size_t)comm->rank * bytes;
    bool ok = own == from || gd_nccl_add_copy(work, (gd_nccl_copy){own, from, bytes});
    for (int peer = 0; ok && peer < comm->size; peer++) {
        if (peer == comm->rank)
            continue;
        gd_nccl_transfer out = {GD_NCCL_ALL_GATHER, .outgoing = true, .peer = peer, .buffer = (void *)from};
        out.count = count;
        out.type = type;
        gd_nccl_transfer in = out;
        in.outgoing = false;
        in.buffer = (char *)to + (size_t)peer * bytes;
        ok = gd_nccl_add_transfer(work, out) && gd_nccl_add_transfer(work, in);
    }
    return stop(ok);
}

ncclResult_t ncclBroadcast(const void *from, void *to, size_t count, ncclDataType_t type, int root,
                           ncclComm_t comm, cudaStream_t stream)
{
    ncclResult_t result;
    gd_nccl_work *work = start("ncclBroadcast", comm, type, root, stream, &result);
    if (!work)
        return result;
    gd_nccl_transfer transfer = {GD_NCCL_BROADCAST, .peer = root, .buffer = to, .count = count, .type = type};
    if (comm->rank != root)
        return stop(gd_nccl_add_transfer(work, transfer));
    bool ok = to == from || gd_nccl_add_copy(work, (gd_nccl_copy){to, from, gd_nccl_bytes(count, type)});
    transfer.outgoing = true;
    transfer.buffer = (void *)from;
    for (transfer.peer = 0; ok && transfer.peer < comm->size; transfer.peer++)
        ok = transfer.peer == root || gd_nccl_add_transfer(work, transfer);
    return stop(ok);
}
