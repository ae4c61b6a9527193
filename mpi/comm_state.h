/* The state of a communicator, shared by the files of this folder. */
#ifndef GD_MPI_COMM_STATE_H
#define GD_MPI_COMM_STATE_H

#include "mpi/transport.h"

#include <mpi.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* All tags. Exchanges cycle through GD_TAG_EXCHANGE_COUNT tags, so that concurrent ones have different tags;
 * MPI guarantees tags up to 32767. */
enum { GD_TAG_PULL = 0, GD_TAG_EXCHANGE = 1, GD_TAG_EXCHANGE_COUNT = 32766 };

enum {
    GD_HOST_MAX = 64,
    GD_PART_MAX = 1 << 30 /* most bytes in one MPI call */
};

/* A communicator of the first `ranks` ranks. */
typedef struct gd_subgroup {
    int32_t ranks;
    MPI_Comm comm; /* owned; MPI_COMM_NULL on the other ranks */
} gd_subgroup;

typedef struct gd_nccl gd_nccl; /* state of the NCCL transport */

struct gd_comm {
    MPI_Comm all;    /* owned; for collectives */
    MPI_Comm pixels; /* owned; for messages of exchanges */
    MPI_Comm node;   /* owned; the ranks of this host */
    int32_t rank, size, node_rank, node_size;
    char host[GD_HOST_MAX];
    char (*hosts)[GD_HOST_MAX]; /* owned; [size] */
    gd_subgroup *firsts;        /* owned; [first_count] */
    int32_t first_count;
    gd_nccl *nccl;                 /* owned by transport_nccl.c; NULL if NCCL is not used */
    double deadline;               /* seconds; the longest wait without progress */
    uint64_t sequence;             /* number of exchanges started */
    bool agreed;                   /* the ranks agreed on a failure */
    const atomic_bool *stop;       /* borrowed; NULL: no stop requests */
    uint64_t bytes_sent;           /* in exchanges */
    const gd_transport *transport; /* borrowed */
    gd_batch *fetching;            /* borrowed; list of batches (transport_mpi.c) with parcels not yet sent */
    int32_t part_floats;           /* a longer message is split into parts of this length */
};

#endif
