/* Groups: all calls between start and end that are of one communicator become one operation of its stream. */
#include "standin/nccl_internal.h"
#include "standin/ranges.h"

#include <stdlib.h>

/* The group that is open; of the thread that owns MPI. */
static struct {
    int depth;
    gd_nccl_work *works; /* owned, by communicator */
} group;

void gd_nccl_group_open(void)
{
    group.depth++;
}

ncclResult_t ncclGroupStart(void)
{
    if (!gd_nccl_has_mpi("ncclGroupStart"))
        return ncclInvalidUsage;
    if (group.depth == 0)
        gd_standin_made("NCCL group (ncclGroupStart without its end)", &group);
    gd_nccl_group_open();
    return ncclSuccess;
}

ncclResult_t ncclGroupEnd(void)
{
    if (!gd_nccl_has_mpi("ncclGroupEnd"))
        return ncclInvalidUsage;
    if (group.depth == 0) {
        gd_standin_fail("ncclGroupEnd: no group has been started");
        return ncclInvalidUsage;
    }
    if (group.depth == 1)
        gd_standin_gone("NCCL group (ncclGroupStart without its end)", &group);
    return gd_nccl_group_close();
}

static gd_nccl_work *new_work(const char *who, ncclComm_t comm, cudaStream_t stream)
{
    gd_nccl_work *work = calloc(1, sizeof *work), **last = &group.works;
    if (!work)
        return NULL;
    work->comm = comm;
    work->stream = stream;
    work->name = who;
    comm->references++;
    while (*last)
        last = &(*last)->next;
    *last = work;
    return work;
}

gd_nccl_work *gd_nccl_group_work(const char *who, ncclComm_t comm, cudaStream_t stream)
{
    int device = gd_standin_device_of(who, stream);
    if (device < 0)
        return NULL;
    if (device != comm->device) {
        gd_standin_fail("%s: a stream of device %d, a communicator of device %d", who, device, comm->device);
        return NULL;
    }
    if (gd_standin_capturing(stream)) {
        gd_standin_fail("%s: the stream is being captured", who);
        return NULL;
    }
    for (gd_nccl_work *work = group.works; work; work = work->next) {
        if (work->comm != comm)
            continue;
        if (work->stream == stream)
            return work;
        gd_standin_fail("%s: a group with two streams for one communicator", who);
        return NULL;
    }
    return new_work(who, comm, stream);
}

bool gd_nccl_add_transfer(gd_nccl_work *work, gd_nccl_transfer transfer)
{
    transfer.request = MPI_REQUEST_NULL;
    if (work->transfer_count == work->transfer_room) {
        size_t room = work->transfer_room ? 2 * work->transfer_room : 8;
        gd_nccl_transfer *grown = realloc(work->transfers, room * sizeof *grown);
        if (!grown)
            return false;
        work->transfers = grown;
        work->transfer_room = room;
    }
    work->transfers[work->transfer_count++] = transfer;
    return true;
}

bool gd_nccl_add_copy(gd_nccl_work *work, gd_nccl_copy copy)
{
    gd_nccl_copy *grown = realloc(work->copies, (work->copy_count + 1) * sizeof *grown);
    if (!grown)
        return false;
    work->copies = grown;
    work->copies[work->copy_count++] = copy;
    return true;
}

static ncclResult_t close_work(gd_nccl_work *work)
{
    ncclComm_t comm = work->comm;
    gd_nccl_fault fault = gd_nccl_group_fault();
    work->fails = fault == GD_NCCL_FAILS;
    work->hangs = fault == GD_NCCL_HANGS;
    if (comm->state != ncclSuccess) { /* broken by an earlier call of the group */
        ncclResult_t state = comm->state;
        gd_nccl_work_free(work);
        return state;
    }
    comm->waiting = work;
    return gd_nccl_begin(comm, "a group of operations");
}

ncclResult_t gd_nccl_group_close(void)
{
    ncclResult_t all = ncclSuccess;
    if (--group.depth)
        return ncclSuccess;
    gd_nccl_work *work = group.works, *next;
    group.works = NULL;
    for (; work; work = next) {
        next = work->next;
        work->next = NULL;
        ncclResult_t result = close_work(work);
        if (all == ncclSuccess || all == ncclInProgress)
            all = result == ncclSuccess ? all : result;
    }
    return all;
}

static bool list_ranges(const gd_nccl_work *work, gd_ranges *reads, gd_ranges *writes)
{
    bool ok = true;
    for (size_t i = 0; ok && i < work->transfer_count; i++) {
        const gd_nccl_transfer *t = &work->transfers[i];
        if (t->count)
            ok = gd_ranges_add_bytes(t->outgoing ? reads : writes, t->buffer,
                                     gd_nccl_bytes(t->count, t->type));
    }
    for (size_t i = 0; ok && i < work->copy_count; i++)
        if (work->copies[i].bytes)
            ok = gd_ranges_add_bytes(reads, work->copies[i].from, work->copies[i].bytes) &&
                 gd_ranges_add_bytes(writes, work->copies[i].to, work->copies[i].bytes);
    return ok;
}

static bool on_device(const gd_nccl_work *work, const gd_ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++) {
        int device;
        gd_standin_kind kind = gd_standin_where(ranges->list[i].start, &device, NULL, NULL);
        if (kind == GD_STANDIN_PAGEABLE || (kind == GD_STANDIN_DEVICE && device != work->comm->device)) {
            gd_standin_fail("%s: %p is not memory of device %d", work->name, ranges->list[i].start,
                            work->comm->device);
            return false;
        }
    }
    return true;
}

static bool legal(const gd_nccl_work *work, const gd_ranges *reads, const gd_ranges *writes)
{
    const ncclComm_t comm = work->comm;
    if (!on_device(work, reads) || !on_device(work, writes))
        return false;
    if (gd_ranges_overlap(reads, writes) || gd_ranges_overlap_each_other(writes)) {
        gd_standin_fail("%s: what the group receives overlaps what it sends, or itself", work->name);
        return false;
    }
    if (comm->last_stream && comm->last_stream != work->stream &&
        !gd_standin_after(work->stream, comm->last)) {
        gd_standin_fail("%s: two operations of one communicator on two streams, and nothing orders them",
                        work->name);
        return false;
    }
    return true;
}

static ncclResult_t queue(gd_nccl_work *work, const gd_ranges *reads, const gd_ranges *writes)
{
    ncclComm_t comm = work->comm;
    cudaStream_t stream = work->stream;
    gd_standin_work about = {
        .name = work->name, .run = gd_nccl_run, .release = gd_nccl_work_free, .state = work};
    about.reads = reads->list;
    about.read_count = reads->count;
    about.writes = writes->list;
    about.write_count = writes->count;
    about.may_run = gd_nccl_may_run;
    about.not_in_graphs = true;
    comm->unfinished++;
    if (gd_standin_queue(stream, &about) != cudaSuccess) {
        comm->unfinished--;
        return gd_nccl_break(comm, ncclUnhandledCudaError, "the stream refuses the operation");
    }
    comm->last = gd_standin_last(stream);
    comm->last_stream = stream;
    return ncclSuccess;
}

ncclResult_t gd_nccl_submit(ncclComm_t comm)
{
    gd_nccl_work *work = comm->waiting;
    gd_ranges reads = {0}, writes = {0};
    ncclResult_t result;
    comm->waiting = NULL;
    if (!list_ranges(work, &reads, &writes)) {
        gd_nccl_work_free(work);
        result = gd_nccl_break(comm, ncclSystemError, "no memory");
    } else if (!legal(work, &reads, &writes)) {
        gd_nccl_work_free(work);
        result = gd_nccl_break(comm, ncclInvalidUsage, "a misuse");
    } else {
        result = queue(work, &reads, &writes);
    }
    free(reads.list);
    free(writes.list);
    return result;
}
