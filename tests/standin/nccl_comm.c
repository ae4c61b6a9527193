/* Communicators: made, split, polled, ended. */
#include "standin/nccl_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t alive = 0x67646e63636c636fu;
static const char kind[] = "NCCL communicator";

/* The inside of an ncclUniqueId. */
typedef struct identity {
    uint64_t magic;
    int root, tag;
} identity;

static bool is_alive(const char *who, ncclComm_t comm)
{
    if (comm && comm->magic == alive)
        return true;
    gd_standin_fail("%s: %p is not a living communicator", who, (void *)comm);
    return false;
}

ncclResult_t gd_nccl_break(ncclComm_t comm, ncclResult_t state, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(comm->words, sizeof comm->words, format, values);
    va_end(values);
    comm->state = state;
    comm->busy = NULL;
    return state;
}

ncclComm_t gd_nccl_ready(const char *who, ncclComm_t comm, ncclResult_t *result)
{
    *result = ncclInvalidUsage;
    if (!gd_nccl_has_mpi(who) || !is_alive(who, comm))
        return NULL;
    if (comm->finalized)
        gd_standin_fail("%s: the communicator is finalized", who);
    else if (comm->state == ncclInProgress)
        gd_standin_fail("%s: %s of this communicator is still in progress; poll ncclCommGetAsyncError first",
                        who, comm->busy);
    else if (comm->state != ncclSuccess)
        *result = comm->state;
    else
        return comm;
    return NULL;
}

static ncclComm_t make(int rank, int size, int device, bool blocking)
{
    ncclComm_t comm = calloc(1, sizeof *comm);
    if (!comm)
        return NULL;
    comm->sent = calloc((size_t)size, sizeof *comm->sent);
    comm->received = calloc((size_t)size, sizeof *comm->received);
    if (!comm->sent || !comm->received) {
        free(comm->sent);
        free(comm->received);
        free(comm);
        return NULL;
    }
    comm->magic = alive;
    comm->references = 1;
    comm->rank = rank;
    comm->size = size;
    comm->device = device;
    comm->blocking = blocking;
    gd_standin_made(kind, comm);
    return comm;
}

void gd_nccl_release(ncclComm_t comm)
{
    if (--comm->references)
        return;
    gd_nccl_meeting_free(comm->meeting);
    if (comm->waiting)
        gd_nccl_work_free(comm->waiting);
    free(comm->worlds);
    free(comm->sent);
    free(comm->received);
    free(comm);
}

/* The root's verdict makes the child of a split. */
static void finish_split(ncclComm_t comm, gd_nccl_result *result)
{
    ncclComm_t child =
        result->size > 0 ? make(result->rank, result->size, comm->device, comm->blocking) : NULL;
    if (result->size < 0 || (result->size > 0 && !child))
        gd_nccl_break(comm, ncclInvalidUsage, "the split did not come about");
    if (child) {
        child->worlds = result->worlds;
        child->tag = result->tag;
        *comm->child = child;
    } else {
        free(result->worlds);
    }
    comm->child = NULL;
}

static void finish_init(ncclComm_t comm, gd_nccl_result *result)
{
    if (result->size < 0) {
        gd_nccl_break(comm, ncclInvalidUsage, "the ranks do not agree on the communicator");
        return;
    }
    comm->worlds = result->worlds;
    comm->tag = result->tag;
}

/* true: the meeting is over, or there is none. */
static bool meet(ncclComm_t comm)
{
    gd_nccl_result result;
    if (!comm->meeting)
        return true;
    if (!gd_nccl_meeting_over(comm->meeting, &result))
        return false;
    gd_nccl_meeting_free(comm->meeting);
    comm->meeting = NULL;
    if (comm->child)
        finish_split(comm, &result);
    else
        finish_init(comm, &result);
    return true;
}

/* One step of whatever is in progress. */
static void advance(ncclComm_t comm)
{
    if (comm->polls > 0) {
        comm->polls--;
        return;
    }
    if (!comm->meeting && !comm->worlds) /* a rank that never joins */
        return;
    if (!meet(comm) || comm->state != ncclInProgress)
        return;
    if (comm->waiting && gd_nccl_submit(comm) != ncclSuccess)
        return;
    if (comm->finalized && comm->unfinished) {
        (void)gd_standin_progress();
        return;
    }
    comm->state = ncclSuccess;
    comm->busy = NULL;
}

ncclResult_t gd_nccl_begin(ncclComm_t comm, const char *who)
{
    comm->state = ncclInProgress;
    comm->busy = who;
    comm->polls = comm->blocking ? 0 : 1;
    while (comm->blocking && comm->state == ncclInProgress)
        advance(comm);
    return comm->state;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t *state)
{
    static const char who[] = "ncclCommGetAsyncError";
    if (!gd_nccl_has_mpi(who) || !is_alive(who, comm))
        return ncclInvalidArgument;
    gd_standin_lock();
    if (comm->state == ncclInProgress)
        advance(comm);
    *state = comm->state;
    gd_standin_unlock();
    return ncclSuccess;
}

ncclResult_t ncclGetVersion(int *version)
{
    *version = NCCL_VERSION_CODE;
    return ncclSuccess;
}

ncclResult_t ncclGetUniqueId(ncclUniqueId *id)
{
    if (!gd_nccl_has_mpi("ncclGetUniqueId"))
        return ncclInvalidUsage;
    identity inside = {alive, gd_nccl_world_rank(), gd_nccl_new_tag()};
    memset(id, 0, sizeof *id);
    memcpy(id, &inside, sizeof inside);
    return gd_standin_injected("ncclGetUniqueId") ? ncclSystemError : ncclSuccess;
}

static bool config_fits(const char *who, const ncclConfig_t *config)
{
    static const ncclConfig_t initial = NCCL_CONFIG_INITIALIZER;
    if (config && (config->size != initial.size || config->magic != initial.magic)) {
        gd_standin_fail("%s: the configuration was not made with NCCL_CONFIG_INITIALIZER", who);
        return false;
    }
#ifdef NCCL_CTA_POLICY_EFFICIENCY
    if (config && config->CTAPolicy != NCCL_CONFIG_UNDEF_INT &&
        config->CTAPolicy != NCCL_CTA_POLICY_DEFAULT && config->CTAPolicy != NCCL_CTA_POLICY_EFFICIENCY) {
        gd_standin_fail("%s: there is no CTAPolicy %d here", who, config->CTAPolicy);
        return false;
    }
#endif
    return true;
}

static bool is_blocking(const ncclConfig_t *config, bool otherwise)
{
    return !config || config->blocking == NCCL_CONFIG_UNDEF_INT ? otherwise : config->blocking != 0;
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t *made, int size, ncclUniqueId id, int rank,
                                    ncclConfig_t *config)
{
    static const char who[] = "ncclCommInitRankConfig";
    identity inside;
    int device;
    memcpy(&inside, &id, sizeof inside);
    *made = NULL;
    if (!gd_nccl_has_mpi(who) || !config_fits(who, config))
        return ncclInvalidUsage;
    if (inside.magic != alive || size < 1 || rank < 0 || rank >= size) {
        gd_standin_fail("%s: rank %d of %d, or an identity that ncclGetUniqueId did not make", who, rank,
                        size);
        return ncclInvalidArgument;
    }
    if (cudaGetDevice(&device) != cudaSuccess)
        return ncclUnhandledCudaError;
    ncclComm_t comm = make(rank, size, device, is_blocking(config, true));
    if (!comm)
        return ncclSystemError;
    *made = comm;
    gd_nccl_fault fault = gd_nccl_init_fault();
    if (fault == GD_NCCL_FAILS || gd_standin_injected(who))
        return gd_nccl_break(comm, ncclSystemError, "initialisation failed, as was asked for");
    gd_nccl_seat seat = {rank, size, 0, rank, gd_nccl_world_rank(), 0};
    if (fault == GD_NCCL_NO_FAULT && !(comm->meeting = gd_nccl_meet(seat, inside.root, inside.tag)))
        return gd_nccl_break(comm, ncclSystemError, "no memory");
    return gd_nccl_begin(comm, who);
}

ncclResult_t ncclCommSplit(ncclComm_t given, int color, int key, ncclComm_t *made, ncclConfig_t *config)
{
    static const char who[] = "ncclCommSplit";
    ncclResult_t result;
    *made = NULL;
    ncclComm_t comm = gd_nccl_ready(who, given, &result);
    if (!comm || !config_fits(who, config))
        return result;
    if (is_blocking(config, comm->blocking) != comm->blocking) {
        gd_standin_fail("%s: the split is to block where its parent does not, or the other way round", who);
        return ncclInvalidUsage;
    }
    if (gd_standin_injected(who))
        return gd_nccl_break(comm, ncclSystemError, "the split failed, as was asked for");
    gd_nccl_seat seat = {comm->rank, comm->size, color, key, gd_nccl_world_rank(), ++comm->splits};
    comm->child = made;
    comm->meeting = gd_nccl_meet(seat, comm->worlds[0], comm->tag + 1);
    if (!comm->meeting)
        return gd_nccl_break(comm, ncclSystemError, "no memory");
    result = gd_nccl_begin(comm, who);
    return result == ncclInProgress ? ncclSuccess : result; /* as NCCL 2.28.9 does; only the state tells */
}

ncclResult_t ncclCommFinalize(ncclComm_t given)
{
    static const char who[] = "ncclCommFinalize";
    ncclResult_t result;
    ncclComm_t comm = gd_nccl_ready(who, given, &result);
    if (!comm)
        return result;
    comm->finalized = true;
    return gd_nccl_begin(comm, who);
}

/* Everything that was sent to this rank has been received. */
static void expect_silence(const char *who, ncclComm_t comm)
{
    int there = 0;
    MPI_Status status;
    if (comm->worlds &&
        MPI_Iprobe(MPI_ANY_SOURCE, comm->tag, MPI_COMM_WORLD, &there, &status) == MPI_SUCCESS && there)
        gd_standin_fail("%s: rank %d of the job has sent what rank %d of the communicator has not received",
                        who, status.MPI_SOURCE, comm->rank);
}

static void end(ncclComm_t comm)
{
    gd_standin_gone(kind, comm);
    comm->magic = 0;
    gd_nccl_release(comm);
}

ncclResult_t ncclCommDestroy(ncclComm_t comm)
{
    static const char who[] = "ncclCommDestroy";
    if (!gd_nccl_has_mpi(who) || !is_alive(who, comm))
        return ncclInvalidArgument;
    gd_standin_lock();
    bool ok = false;
    if (comm->state == ncclInProgress)
        gd_standin_fail("%s: %s of this communicator is still in progress; poll, or abort it", who,
                        comm->busy);
    else if (comm->state != ncclSuccess)
        gd_standin_fail("%s: the communicator is broken (%s); ncclCommAbort is for that", who, comm->words);
    else if (comm->unfinished)
        gd_standin_fail("%s: %d operations of the communicator are not done", who, comm->unfinished);
    else
        ok = true;
    if (ok) {
        expect_silence(who, comm);
        end(comm);
    }
    gd_standin_unlock();
    return ok ? ncclSuccess : ncclInvalidUsage;
}

ncclResult_t ncclCommAbort(ncclComm_t comm)
{
    if (!gd_nccl_has_mpi("ncclCommAbort") || !is_alive("ncclCommAbort", comm))
        return ncclInvalidArgument;
    gd_standin_lock();
    comm->aborted = true;
    if (comm->unfinished) /* its kernels end */
        (void)gd_standin_progress();
    end(comm);
    gd_standin_unlock();
    return ncclSuccess;
}

const char *ncclGetErrorString(ncclResult_t result)
{
    static const char *const words[] = {"no error",
                                        "unhandled cuda error",
                                        "unhandled system error",
                                        "internal error",
                                        "invalid argument",
                                        "invalid usage",
                                        "remote process exited or there was a network error",
                                        "NCCL operation in progress"};
    return (unsigned)result < sizeof words / sizeof *words ? words[result] : "unknown result code";
}

const char *ncclGetLastError(ncclComm_t comm)
{
    return comm && is_alive("ncclGetLastError", comm) ? comm->words : "";
}
