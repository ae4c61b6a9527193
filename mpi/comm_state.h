/* The state of a communicator, shared by the files of this folder. */
#ifndef GD_MPI_COMM_STATE_H
#define GD_MPI_COMM_STATE_H

#include "mpi/transport.h"

#include <mpi.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Every tag in use. Exchanges take turns, so that those in flight at once stay apart; MPI promises tags to
 * 32767. */
enum { GD_TAG_PULL = 0, GD_TAG_EXCHANGE = 1, GD_TAG_EXCHANGE_COUNT = 32766 };

enum {
    GD_HOST_MAX = 64,
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

#endif
