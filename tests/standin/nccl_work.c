/* The running of a group on its stream: messages leave at once and count as sent when their receiver has
 * taken them; what comes in is compared with what was expected. */
#include "standin/nccl_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Stands before the values in a message. */
typedef struct header {
    uint64_t count, sequence;
    int32_t kind, type;
} header;

bool gd_nccl_may_run(void)
{
    int mine = 0, ended = 1;
    return MPI_Finalized(&ended) == MPI_SUCCESS && !ended && MPI_Is_thread_main(&mine) == MPI_SUCCESS && mine;
}

void gd_nccl_work_free(void *state)
{
    gd_nccl_work *work = state;
    gd_nccl_release(work->comm);
    free(work->transfers); /* messages that never arrived stay MPI's */
    free(work->copies);
    free(work);
}

const char *gd_nccl_kind_name(gd_nccl_kind kind)
{
    return kind == GD_NCCL_SEND_RECV    ? "ncclSend"
           : kind == GD_NCCL_ALL_GATHER ? "ncclAllGather"
                                        : "ncclBroadcast";
}

static bool send(ncclComm_t comm, gd_nccl_transfer *t)
{
    size_t bytes = gd_nccl_bytes(t->count, t->type), whole = sizeof(header) + bytes;
    header head = {t->count, ++comm->sent[t->peer], t->kind, t->type};
    t->message = whole <= INT_MAX ? malloc(whole) : NULL;
    if (!t->message) {
        gd_standin_fail("%s: no memory for a message of %zu bytes", gd_nccl_kind_name(t->kind), whole);
        return false;
    }
    memcpy(t->message, &head, sizeof head);
    if (bytes)
        memcpy(t->message + sizeof head, t->buffer, bytes);
    return MPI_Issend(t->message, (int)whole, MPI_BYTE, comm->worlds[t->peer], comm->tag, MPI_COMM_WORLD,
                      &t->request) == MPI_SUCCESS;
}

static void sent(gd_nccl_transfer *t)
{
    int done = 0;
    if (PMPI_Test(&t->request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done) {
        free(t->message);
        t->message = NULL;
        t->done = true;
    }
}

static bool as_expected(ncclComm_t comm, const gd_nccl_transfer *t, const header *head)
{
    if (head->count == t->count && head->type == (int32_t)t->type && head->kind == (int32_t)t->kind &&
        head->sequence == comm->received[t->peer])
        return true;
    gd_standin_fail("NCCL: rank %d expects message %llu of rank %d to be %zu values of type %d by %s; it is "
                    "message %llu, "
                    "%llu values of type %d by %s",
                    comm->rank, (unsigned long long)comm->received[t->peer], t->peer, t->count, (int)t->type,
                    gd_nccl_kind_name(t->kind), (unsigned long long)head->sequence,
                    (unsigned long long)head->count, (int)head->type,
                    gd_nccl_kind_name((gd_nccl_kind)head->kind));
    return false;
}

static bool unpack(ncclComm_t comm, gd_nccl_transfer *t, const char *message)
{
    header head;
    memcpy(&head, message, sizeof head);
    comm->received[t->peer]++;
    if (!as_expected(comm, t, &head))
        return false;
    if (t->count)
        memcpy(t->buffer, message + sizeof head, gd_nccl_bytes(t->count, t->type));
    t->done = true;
    return true;
}

/* true: nothing went wrong, whether or not the message was there. */
static bool receive(ncclComm_t comm, gd_nccl_transfer *t)
{
    int there = 0, bytes = 0;
    MPI_Message handle;
    MPI_Status status;
    if (MPI_Improbe(comm->worlds[t->peer], comm->tag, MPI_COMM_WORLD, &there, &handle, &status) !=
        MPI_SUCCESS)
        return false;
    if (!there)
        return true;
    (void)MPI_Get_count(&status, MPI_BYTE, &bytes);
    char *message = malloc((size_t)bytes);
    bool ok = message && MPI_Mrecv(message, bytes, MPI_BYTE, &handle, &status) == MPI_SUCCESS &&
              unpack(comm, t, message);
    free(message);
    return ok;
}

/* Is there a transfer from the same peer before this one that waits? Messages of a pair keep their order. */
static bool must_wait(const gd_nccl_work *work, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const gd_nccl_transfer *t = &work->transfers[i];
        if (!t->outgoing && !t->done && t->peer == work->transfers[at].peer)
            return true;
    }
    return false;
}

static bool start(gd_nccl_work *work)
{
    work->started = true;
    for (size_t i = 0; i < work->copy_count; i++)
        if (work->copies[i].bytes)
            memcpy(work->copies[i].to, work->copies[i].from, work->copies[i].bytes);
    for (size_t i = 0; i < work->transfer_count; i++)
        if (work->transfers[i].outgoing && !send(work->comm, &work->transfers[i]))
            return false;
    return true;
}

/* What an aborted group was to receive is anything. */
static gd_standin_step end_aborted(gd_nccl_work *work)
{
    for (size_t i = 0; i < work->transfer_count; i++) {
        const gd_nccl_transfer *t = &work->transfers[i];
        if (!t->outgoing && !t->done && t->count)
            memset(t->buffer, 0xff, gd_nccl_bytes(t->count, t->type));
    }
    work->comm->unfinished--;
    return GD_STANDIN_DONE;
}

static bool progress(gd_nccl_work *work, bool *all)
{
    *all = true;
    for (size_t i = 0; i < work->transfer_count; i++) {
        gd_nccl_transfer *t = &work->transfers[i];
        if (!t->done && t->outgoing)
            sent(t);
        else if (!t->done && !must_wait(work, i) && !receive(work->comm, t))
            return false;
        *all = *all && t->done;
    }
    return true;
}

gd_standin_step gd_nccl_run(void *state)
{
    gd_nccl_work *work = state;
    ncclComm_t comm = work->comm;
    bool all = false;
    if (comm->aborted)
        return end_aborted(work);
    if (work->fails && (comm->state == ncclSuccess || comm->state == ncclInProgress))
        (void)gd_nccl_break(comm, ncclRemoteError, "a peer is gone, as was asked for");
    if (work->fails || work->hangs)
        return GD_STANDIN_AGAIN;
    if ((!work->started && !start(work)) || !progress(work, &all)) {
        comm->unfinished--;
        return GD_STANDIN_BROKEN;
    }
    if (!all)
        return GD_STANDIN_AGAIN;
    comm->unfinished--;
    return GD_STANDIN_DONE;
}
