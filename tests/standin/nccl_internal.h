/* NCCL over MPI: what its parts share. Communicators are made, split and polled in nccl_comm.c with
 * nccl_meet.c; calls become transfers in nccl_calls.c, groups of them become work for streams in
 * nccl_group.c, which nccl_work.c runs. All messages are point to point on MPI_COMM_WORLD, two tags a
 * communicator. The thread that owns MPI makes all calls. */
#ifndef GD_STANDIN_NCCL_INTERNAL_H
#define GD_STANDIN_NCCL_INTERNAL_H

#include "standin/internal.h"
#include "standin/nccl_order.h"

#include <mpi.h>
#include <nccl.h>

typedef struct gd_nccl_meeting gd_nccl_meeting;
typedef struct gd_nccl_work gd_nccl_work;

struct ncclComm {
    uint64_t magic;
    int references; /* the program's, and one for each work */
    int rank, size, device;
    int tag;                   /* of its messages; tag + 1 is for meetings */
    int *worlds;               /* owned; [size] ranks in MPI_COMM_WORLD */
    uint64_t *sent, *received; /* owned; [size] messages so far, by peer */
    bool blocking, aborted, finalized;
    ncclResult_t state;
    const char *busy;         /* the call that is not polled to its end yet, if any */
    int polls;                /* to be answered "in progress" before anything goes on */
    char words[300];          /* of the last error */
    gd_nccl_meeting *meeting; /* owned; an init or split under way */
    ncclComm_t *child;        /* borrowed; where the split puts its result */
    int splits;
    gd_nccl_work *waiting;  /* owned; goes to its stream when the program has polled */
    int unfinished;         /* works that are queued and not done */
    gd_standin_moment last; /* of its last work */
    cudaStream_t last_stream;
};

/* A communicator that can be used now; else NULL, and *result is what the call gives back. */
ncclComm_t gd_nccl_ready(const char *who, ncclComm_t comm, ncclResult_t *result);
void gd_nccl_release(ncclComm_t comm);
ncclResult_t gd_nccl_break(ncclComm_t comm, ncclResult_t state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Begins a call that must be polled: ncclInProgress, or, blocking, what comes of it. */
ncclResult_t gd_nccl_begin(ncclComm_t comm, const char *who);

/* nccl.h declares these without their (void). */
ncclResult_t ncclGroupStart(void);
ncclResult_t ncclGroupEnd(void);

/* MPI is there and this thread owns it; else false with a sentence. */
bool gd_nccl_has_mpi(const char *who);
int gd_nccl_world_rank(void);
/* Two tags that nobody else has. */
int gd_nccl_new_tag(void);

/* Meetings: every member tells the root who it is, and the root tells all what came of it. */
typedef struct gd_nccl_seat {
    int rank, size, color, key, world, call; /* call: which split; 0 for an init */
} gd_nccl_seat;

typedef struct gd_nccl_result {
    int tag, rank, size; /* size 0: no communicator for this one */
    int *worlds;         /* owned by whoever takes it */
} gd_nccl_result;

/* root: in MPI_COMM_WORLD; tag: of the meeting. NULL: no memory. */
gd_nccl_meeting *gd_nccl_meet(gd_nccl_seat seat, int root, int tag);
/* true when it is over: *result is filled. A misuse (different sizes, ranks named twice) ends it with size
 * -1. */
bool gd_nccl_meeting_over(gd_nccl_meeting *meeting, gd_nccl_result *result);
void gd_nccl_meeting_free(gd_nccl_meeting *meeting);

/* Transfers. */
typedef enum gd_nccl_kind { GD_NCCL_SEND_RECV, GD_NCCL_ALL_GATHER, GD_NCCL_BROADCAST } gd_nccl_kind;

typedef struct gd_nccl_transfer {
    gd_nccl_kind kind;
    bool outgoing;
    int peer;
    void *buffer;
    size_t count;
    ncclDataType_t type;
    bool done;
    char *message; /* owned while it travels */
    MPI_Request request;
} gd_nccl_transfer;

/* What a rank keeps of a collective. */
typedef struct gd_nccl_copy {
    void *to;
    const void *from;
    size_t bytes;
} gd_nccl_copy;

struct gd_nccl_work {
    ncclComm_t comm;
    cudaStream_t stream;
    const char *name;            /* the first call */
    gd_nccl_transfer *transfers; /* owned */
    gd_nccl_copy *copies;        /* owned */
    size_t transfer_count, transfer_room, copy_count;
    bool started, hangs, fails;
    gd_nccl_work *next;
};

size_t gd_nccl_bytes(size_t count, ncclDataType_t type);
const char *gd_nccl_kind_name(gd_nccl_kind kind);

/* The open group's work for this communicator and stream, to add to; NULL with a sentence, or for no memory.
 * A call outside of groups is a group of its own: open, add, close. */
gd_nccl_work *gd_nccl_group_work(const char *who, ncclComm_t comm, cudaStream_t stream);
bool gd_nccl_add_transfer(gd_nccl_work *work, gd_nccl_transfer transfer);
bool gd_nccl_add_copy(gd_nccl_work *work, gd_nccl_copy copy);
void gd_nccl_group_open(void);
ncclResult_t gd_nccl_group_close(void);
/* Queues what waits for a poll. */
ncclResult_t gd_nccl_submit(ncclComm_t comm);

bool gd_nccl_may_run(void);
gd_standin_step gd_nccl_run(void *work);
void gd_nccl_work_free(void *work);

/* Faults asked for by the environment:
 *   GD_STANDIN_NCCL_FAIL=RANK:N      the N-th group of that rank (of the job) ends in an asynchronous error
 *   GD_STANDIN_NCCL_HANG=RANK:N      it never ends
 *   GD_STANDIN_NCCL_INIT=RANK:fail   its communicator cannot be made
 *   GD_STANDIN_NCCL_INIT=RANK:absent it never joins */
typedef enum gd_nccl_fault { GD_NCCL_NO_FAULT, GD_NCCL_FAILS, GD_NCCL_HANGS } gd_nccl_fault;
gd_nccl_fault gd_nccl_group_fault(void); /* of the next group; counts */
gd_nccl_fault gd_nccl_init_fault(void);

#endif
