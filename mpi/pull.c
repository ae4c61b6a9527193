/* Streams blocks of bytes from all ranks to rank 0, in the order of ranks.
 *
 * States of a round on rank 0: for each rank, its size is requested (all at once, when the round opens),
 * then pieces of its block are requested into a ring of GD_PULL_PIECES slots, then they are read in order.
 * The requests run ahead of the reader by at most the ring; (asked_rank, asked_at) is the next piece to
 * request, (rank, at) the next byte to read.
 * Invariants:
 *   1. 0 <= asked - read <= GD_PULL_PIECES: piece number n occupies slot n % GD_PULL_PIECES from its
 *      request until it has been read completely.
 *   2. (rank, at) <= (asked_rank, asked_at) in the order of the stream.
 *   3. A piece never spans two blocks; the last piece of a block is shorter.
 *   4. All messages of a round have one tag: MPI keeps the order of messages between two ranks, so the
 *      first one from a rank is its size, and the pieces follow in order.
 *   5. Other ranks' blocks stay unchanged until `sending` is 0, which gd_pull_close waits for. */
#include "mpi/pull.h"

#include "base/clock.h"
#include "base/minmax.h"
#include "mpi/backoff.h"
#include "mpi/comm_state.h"
#include "mpi/wait.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* State of rank 0. Pieces are requested in reading order, into a ring of slots. */
typedef struct taker {
    uint64_t *sizes;            /* owned; [ranks] of the blocks */
    MPI_Request *size_requests; /* owned; [ranks] */
    uint8_t *ring;              /* owned; [GD_PULL_PIECES, GD_PULL_PIECE] */
    MPI_Request slots[GD_PULL_PIECES];
    int32_t asked_rank; /* the next piece to request: its rank, */
    uint64_t asked_at;  /* and its offset in the block */
    int64_t asked;      /* number of pieces requested, and (read) of those read or dropped */
    int64_t read;
    int32_t rank; /* the block being read, and (at) its bytes already read */
    uint64_t at;
} taker;

struct gd_pull {
    gd_comm *comm; /* borrowed */
    bool open;
    const uint8_t *block;                   /* borrowed; the offered block */
    uint64_t size;                          /* of the block; the first message to rank 0 */
    MPI_Request *sends;                     /* owned; [send_capacity] */
    int *finished;                          /* owned; [send_capacity] scratch */
    int send_count, send_capacity, sending; /* sending: requests that are not done */
    taker from;                             /* rank 0 only */
};

gd_status gd_pull_create(gd_comm *comm, gd_pull **out, gd_error *error)
{
    const size_t ranks = (size_t)comm->size;
    *out = NULL;
    gd_pull *pull = calloc(1, sizeof *pull);
    bool whole = pull != NULL;
    if (whole && comm->rank == 0) {
        taker *t = &pull->from;
        t->sizes = calloc(ranks, sizeof *t->sizes);
        t->size_requests = malloc(ranks * sizeof *t->size_requests);
        t->ring = malloc((size_t)GD_PULL_PIECES * GD_PULL_PIECE);
        whole = t->sizes && t->size_requests && t->ring;
    }
    if (!whole) {
        gd_pull_free(pull);
        return gd_no_memory(error, "receiving the output of %d ranks", comm->size);
    }
    pull->comm = comm;
    *out = pull;
    return GD_OK;
}

void gd_pull_free(gd_pull *pull)
{
    if (!pull)
        return;
    free(pull->sends);
    free(pull->finished);
    free(pull->from.sizes);
    free(pull->from.size_requests);
    free(pull->from.ring);
    free(pull);
}

static gd_status reserve_sends(gd_pull *pull, int count, gd_error *error)
{
    if (count <= pull->send_capacity)
        return GD_OK;
    free(pull->sends);
    free(pull->finished);
    pull->sends = malloc((size_t)count * sizeof *pull->sends);
    pull->finished = malloc((size_t)count * sizeof *pull->finished);
    pull->send_capacity = pull->sends && pull->finished ? count : 0;
    return pull->send_capacity > 0 ? GD_OK : gd_no_memory(error, "%d messages", count);
}

static gd_status send(gd_pull *pull, const void *data, int bytes, gd_error *error)
{
    MPI_Request *request = &pull->sends[pull->send_count];
    const int code = MPI_Isend(data, bytes, MPI_BYTE, 0, GD_TAG_PULL, pull->comm->all, request);
    if (code == MPI_SUCCESS)
        pull->send_count++;
    return gd_mpi_check(pull->comm, code, "MPI_Isend", error);
}

/* Sends the length, then the pieces. MPI keeps the order of messages with one tag between two ranks. */
static gd_status send_block(gd_pull *pull, gd_error *error)
{
    const uint64_t pieces = (pull->size + GD_PULL_PIECE - 1) / GD_PULL_PIECE;
    if (pieces >= INT_MAX)
        return gd_fail(error, GD_INTERNAL, "%llu bytes are too many to offer at once",
                       (unsigned long long)pull->size);
    gd_status status = reserve_sends(pull, (int)pieces + 1, error);
    pull->send_count = 0;
    if (status == GD_OK)
        status = send(pull, &pull->size, sizeof pull->size, error);
    for (uint64_t at = 0; at < pull->size && status == GD_OK; at += GD_PULL_PIECE)
        status = send(pull, pull->block + at, (int)gd_min_u64(pull->size - at, GD_PULL_PIECE), error);
    pull->sending = pull->send_count;
    return status;
}

static gd_status ask_sizes(gd_pull *pull, gd_error *error)
{
    taker *t = &pull->from;
    gd_status status = GD_OK;
    t->sizes[0] = pull->size;
    t->size_requests[0] = MPI_REQUEST_NULL;
    for (int i = 0; i < GD_PULL_PIECES; i++)
        t->slots[i] = MPI_REQUEST_NULL;
    for (int32_t r = 1; r < pull->comm->size && status == GD_OK; r++) {
        const int code = MPI_Irecv(&t->sizes[r], sizeof t->sizes[r], MPI_BYTE, r, GD_TAG_PULL,
                                   pull->comm->all, &t->size_requests[r]);
        status = gd_mpi_check(pull->comm, code, "MPI_Irecv", error);
    }
    t->asked_rank = 1;
    t->asked_at = 0;
    t->asked = t->read = 0;
    t->rank = 0;
    t->at = 0;
    return status;
}

gd_status gd_pull_offer(gd_pull *pull, const void *block, size_t bytes, gd_error *error)
{
    if (pull->open)
        return gd_fail(error, GD_INTERNAL, "a block is offered before the previous round was closed");
    pull->open = true;
    pull->block = block;
    pull->size = bytes;
    return pull->comm->rank == 0 ? ask_sizes(pull, error) : send_block(pull, error);
}

/* *known: the size of the block of the next piece to request has arrived. */
static gd_status test_size(gd_pull *pull, bool *known, gd_error *error)
{
    MPI_Request *request = &pull->from.size_requests[pull->from.asked_rank];
    int done = 0;
    const gd_status status =
        gd_mpi_check(pull->comm, MPI_Test(request, &done, MPI_STATUS_IGNORE), "MPI_Test", error);
    *known = done != 0;
    return status;
}

/* Requests pieces while slots are free and sizes are known. */
static gd_status ask(gd_pull *pull, gd_error *error)
{
    taker *t = &pull->from;
    gd_status status = GD_OK;
    while (status == GD_OK && t->asked - t->read < GD_PULL_PIECES && t->asked_rank < pull->comm->size) {
        bool known = false;
        status = test_size(pull, &known, error);
        if (status != GD_OK || !known)
            return status;
        const uint64_t left = t->sizes[t->asked_rank] - t->asked_at;
        if (left == 0) {
            t->asked_rank++;
            t->asked_at = 0;
            continue;
        }
        const int slot = (int)(t->asked % GD_PULL_PIECES), bytes = (int)gd_min_u64(left, GD_PULL_PIECE);
        const int code = MPI_Irecv(t->ring + (size_t)slot * GD_PULL_PIECE, bytes, MPI_BYTE, t->asked_rank,
                                   GD_TAG_PULL, pull->comm->all, &t->slots[slot]);
        status = gd_mpi_check(pull->comm, code, "MPI_Irecv", error);
        t->asked++;
        t->asked_at += (uint64_t)bytes;
    }
    return status;
}

/* *ready: the piece at the read position has arrived, or, at the start of a block, its size. */
static gd_status look(gd_pull *pull, bool *ready, gd_error *error)
{
    taker *t = &pull->from;
    gd_status status = ask(pull, error);
    *ready = t->rank == 0; /* rank 0's own block */
    if (status != GD_OK || *ready)
        return status;
    if (t->at == 0 && t->size_requests[t->rank] != MPI_REQUEST_NULL)
        return GD_OK; /* `ask` has not reached this block */
    int done = t->at == t->sizes[t->rank];
    if (!done && t->asked > t->read)
        status =
            gd_mpi_check(pull->comm, MPI_Test(&t->slots[t->read % GD_PULL_PIECES], &done, MPI_STATUS_IGNORE),
                         "MPI_Test", error);
    *ready = done != 0;
    return status;
}

static gd_status wait_for_piece(gd_pull *pull, gd_error *error)
{
    const gd_comm *comm = pull->comm;
    const double start = gd_clock();
    gd_backoff backoff = {0};
    for (;;) {
        bool ready = false;
        gd_status status = look(pull, &ready, error);
        if (status == GD_OK)
            status = gd_mpi_progress(pull->comm, error);
        if (status != GD_OK || ready)
            return status;
        if (gd_clock() - start > comm->deadline)
            return gd_fail(error, GD_COMM,
                           "rank 0 waited %.0f s for output from rank %d on %s; check whether that rank "
                           "hangs, or its network is down",
                           comm->deadline, pull->from.rank, comm->hosts[pull->from.rank]);
        gd_backoff_pause(&backoff);
    }
}

/* Reads the next bytes of the block, which has that many left. `to` NULL: drops them. */
static gd_status take(gd_pull *pull, uint8_t *to, uint64_t bytes, gd_error *error)
{
    taker *t = &pull->from;
    if (t->rank == 0) {
        if (to && bytes > 0)
            memcpy(to, pull->block + t->at, bytes);
        t->at += bytes;
        return GD_OK;
    }
    while (bytes > 0) {
        gd_status status = wait_for_piece(pull, error);
        if (status != GD_OK)
            return status;
        const uint64_t within = t->at % GD_PULL_PIECE, part = gd_min_u64(bytes, GD_PULL_PIECE - within);
        if (to) {
            memcpy(to, t->ring + (size_t)(t->read % GD_PULL_PIECES) * GD_PULL_PIECE + within, part);
            to += part;
        }
        t->at += part;
        bytes -= part;
        if (t->at % GD_PULL_PIECE == 0 || t->at == t->sizes[t->rank])
            t->read++;
    }
    return GD_OK;
}

gd_status gd_pull_turn(gd_pull *pull, int32_t rank, size_t *bytes, gd_error *error)
{
    taker *t = &pull->from;
    gd_status status = GD_OK;
    if (!pull->open || rank < t->rank || rank >= pull->comm->size)
        return gd_fail(error, GD_INTERNAL, "the output of rank %d cannot be read after that of rank %d", rank,
                       t->rank);
    while (status == GD_OK) {
        status = wait_for_piece(pull, error); /* afterwards the size is known */
        if (t->rank == rank || status != GD_OK)
            break;
        status = take(pull, NULL, t->sizes[t->rank] - t->at, error);
        t->rank++;
        t->at = 0;
    }
    *bytes = status == GD_OK ? t->sizes[rank] - t->at : 0;
    return status;
}

gd_status gd_pull_read(gd_pull *pull, void *to, size_t bytes, gd_error *error)
{
    const taker *t = &pull->from;
    if (!pull->open || bytes > t->sizes[t->rank] - t->at)
        return gd_fail(error, GD_INTERNAL, "the output of rank %d ends too early", t->rank);
    return take(pull, to, bytes, error);
}

gd_status gd_pull_progress(gd_pull *pull, gd_error *error)
{
    if (!pull->open || pull->sending == 0)
        return GD_OK;
    int count = 0;
    const gd_status status =
        gd_mpi_test_some(pull->comm, pull->send_count, pull->sends, pull->finished, &count, error);
    pull->sending -= count;
    return status;
}

static gd_status wait_until_sent(gd_pull *pull, gd_error *error)
{
    const gd_comm *comm = pull->comm;
    double last_progress = gd_clock();
    gd_backoff backoff = {0};
    for (;;) {
        const int before = pull->sending;
        gd_status status = gd_pull_progress(pull, error);
        if (status == GD_OK)
            status = gd_mpi_progress(pull->comm, error);
        if (status != GD_OK || pull->sending == 0)
            return status;
        if (pull->sending < before) {
            last_progress = gd_clock();
            backoff = (gd_backoff){0};
        }
        if (gd_clock() - last_progress > comm->deadline)
            return gd_fail(error, GD_COMM,
                           "rank %d waited %.0f s for rank 0 on %s to receive its output; check whether that "
                           "rank hangs, or its network is down",
                           comm->rank, comm->deadline, comm->hosts[0]);
        gd_backoff_pause(&backoff);
    }
}

gd_status gd_pull_close(gd_pull *pull, gd_error *error)
{
    const int32_t last = pull->comm->size - 1;
    size_t left = 0;
    gd_status status = GD_OK;
    if (!pull->open)
        return GD_OK;
    if (pull->comm->rank != 0) {
        status = wait_until_sent(pull, error);
    } else {
        status = gd_pull_turn(pull, last, &left, error);
        if (status == GD_OK)
            status = take(pull, NULL, left, error);
    }
    if (status == GD_OK)
        pull->open = false;
    return status;
}
