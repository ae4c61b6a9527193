/* What the files of this folder share about MPI. */
#ifndef GD_MPI_INTERNAL_H
#define GD_MPI_INTERNAL_H

#include "mpi/comm.h"
#include "mpi/transport.h"

#include <mpi.h>

/* Every tag in use. Exchanges take turns, so that those in flight at once stay apart; MPI promises tags to
 * 32767. */
enum { GD_TAG_PULL = 0, GD_TAG_EXCHANGE = 1, GD_TAG_EXCHANGE_COUNT = 32766 };

enum {
    GD_HOST_MAX = 64,
    GD_TEXT_MAX = 255,    /* of a text that is compared between ranks */
    GD_PART_MAX = 1 << 30 /* bytes that one call of MPI is given */
};

/* The first `ranks` ranks. */
typedef struct gd_subgroup {
    int32_t ranks;
    MPI_Comm comm; /* owned; MPI_COMM_NULL on the other ranks */
} gd_subgroup;

typedef struct gd_nccl gd_nccl; /* what NCCL has opened */

struct gd_comm {
    MPI_Comm all;    /* owned; collectives */
    MPI_Comm pixels; /* owned; the exchange's messages */
    MPI_Comm node;   /* owned; the ranks of this host */
    int32_t rank, size, node_rank, node_size;
    char host[GD_HOST_MAX];
    char (*hosts)[GD_HOST_MAX]; /* owned; [size] */
    gd_subgroup *firsts;        /* owned; [first_count] */
    int32_t first_count;
    gd_nccl *nccl;                 /* owned by transport_nccl.c; NULL unless it is in use */
    double deadline;               /* seconds that a wait may last without progress */
    uint64_t sequence;             /* exchanges begun */
    bool agreed;                   /* on a failure */
    const atomic_bool *stop;       /* borrowed; NULL: no request is heeded */
    uint64_t bytes_sent;           /* by exchanges */
    const gd_transport *transport; /* borrowed */
    gd_batch *fetching;            /* borrowed; batches of transport_mpi.c with parcels still to be sent */
    int32_t part_floats;           /* a longer message of pixels travels in parts */
};

/* GD_OK for MPI_SUCCESS; else GD_COMM, with MPI's own words. */
gd_status gd_mpi_check(const gd_comm *comm, int code, const char *call, gd_error *error) GD_CHECKED;

/* Which of the requests have ended since the last call: *ended of them, their indices in which[count]. */
gd_status gd_mpi_test_some(const gd_comm *comm, int count, MPI_Request *requests, int *which, int *ended,
                           gd_error *error) GD_CHECKED;

/* Gives MPI what has been fetched from a device meanwhile. To be called wherever this rank waits: another may
 * need it, in an exchange that this rank does not look at now. */
gd_status gd_mpi_send_fetched(gd_comm *comm, gd_error *error) GD_CHECKED;

/* Waits for a nonblocking collective; `what` names it when the deadline passes. */
gd_status gd_mpi_wait(gd_comm *comm, MPI_Request *request, const char *what, gd_error *error) GD_CHECKED;

/* gd_comm_gather_all over some of the ranks: this is number `mine_at` of `ranks`. */
gd_status gd_mpi_gather(gd_comm *comm, MPI_Comm over, int32_t ranks, int32_t mine_at, const double *mine,
                        const int32_t *counts, double *all, gd_error *error) GD_CHECKED;

/* Seconds of a clock that only goes forward. */
double gd_mpi_now(void);

#endif
