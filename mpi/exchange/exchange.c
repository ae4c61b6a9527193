/* Gathers windows from a canvas, or scatters them into it, with nonblocking messages.
 *
 * States of an exchange on one rank:
 *   1. packing    copies into the outgoing messages are queued; the event `packed` follows them
 *   2. traveling  the transport has all messages; `waiting` of them are not done
 *   3. unpacking  each message is unpacked when it arrives; after the last one, the event
 *                 `settled` is recorded
 *   4. finished   `settled` has passed: windows or blocks are complete, message buffers are released
 * Invariants:
 *   1. taken[p] implies parcels[p].done, and `waiting` is the number of parcels that are not taken.
 *   2. Message buffers are released only in state 4: until then the transport or the device's queue may
 *      use them.
 *   3. After a failure nothing is released, for the same reason; the process must end (gd_comm_abort).
 *   4. Copies within a rank need no message and are queued with the first unpacking.
 *   5. A wait ends at the deadline: `last_progress` is renewed whenever a message is done or an event passes,
 *      never otherwise. */
#include "mpi/exchange/exchange.h"

#include "base/clock.h"
#include "base/minmax.h"
#include "mpi/backoff.h"
#include "mpi/comm_state.h"
#include "mpi/exchange/moves.h"
#include "mpi/exchange/route.h"
#include "mpi/transport_mpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gd_exchange {
    gd_comm *comm;                 /* borrowed */
    gd_memory *memory;             /* borrowed */
    const gd_plane *plane;         /* borrowed */
    const gd_transport *transport; /* borrowed */
    gd_route route;
    gd_move *moves;       /* owned; capacity: the longest list that is queued at once */
    gd_rect_copy *copies; /* owned; same capacity; working memory of gd_moves_queue */
    gd_parcel *parcels;   /* owned, with their values; [count], incoming ones first */
    bool *taken;          /* owned; [count] done, and unpacked if incoming */
    int32_t count, waiting;
    gd_batch *batch;  /* owned; NULL if there are no messages */
    uint64_t packed;  /* event: the outgoing parcels are packed */
    uint64_t settled; /* event, recorded when all parcels are taken: the parcels are no longer in use */
    bool is_packed, is_settling,
        finished;         /* is_packed: `packed` has passed; is_settling: `settled` is recorded */
    double last_progress; /* seconds, as gd_clock */
};

static gd_status add_parcel(gd_exchange *exchange, const gd_message *message, bool outgoing, gd_error *error)
{
    void *values = NULL;
    const gd_memory_class *class = exchange->memory->class;
    gd_status status = class->allocate(exchange->memory, GD_FOR_MESSAGES,
                                       (size_t)message->floats * sizeof(float), &values, error);
    if (status == GD_OK)
        exchange->parcels[exchange->count++] = (gd_parcel){
            .peer = message->peer, .outgoing = outgoing, .values = values, .count = message->floats};
    return status;
}

static gd_status make_parcels(gd_exchange *exchange, gd_error *error)
{
    const gd_route *route = &exchange->route;
    const gd_messages *in = &route->in, *out = &route->out;
    const size_t total = (size_t)(in->message_count + out->message_count);
    const int64_t first = out->copy_count, second = route->local_count + in->copy_count;
    const size_t longest = (size_t)gd_max_i64(first, second);
    exchange->parcels = calloc(total + 1, sizeof *exchange->parcels);
    exchange->taken = calloc(total + 1, sizeof *exchange->taken);
    exchange->moves = malloc((longest + 1) * sizeof *exchange->moves);
    exchange->copies = malloc((longest + 1) * sizeof *exchange->copies);
    if (!exchange->parcels || !exchange->taken || !exchange->moves || !exchange->copies)
        return gd_no_memory(error, "%zu messages", total);
    gd_status status = GD_OK;
    for (int64_t i = 0; i < in->message_count && status == GD_OK; i++)
        status = add_parcel(exchange, &in->messages[i], false, error);
    for (int64_t i = 0; i < out->message_count && status == GD_OK; i++)
        status = add_parcel(exchange, &out->messages[i], true, error);
    return status;
}

/* Releases the batch and the message buffers; the transport and the queue must not use them any more. */
static void release_messages(gd_exchange *exchange)
{
    if (exchange->batch)
        exchange->transport->free(exchange->batch);
    exchange->batch = NULL;
    for (int32_t p = 0; p < exchange->count; p++)
        gd_memory_release(exchange->memory, GD_FOR_MESSAGES, &exchange->parcels[p].values);
}

static void free_exchange(gd_exchange *exchange)
{
    release_messages(exchange);
    free(exchange->parcels);
    free(exchange->taken);
    free(exchange->moves);
    free(exchange->copies);
    gd_route_free(&exchange->route);
    free(exchange);
}

/* Appends the moves between a parcel and blocks or windows to the list of `count` moves. Returns its new
 * length. */
static int64_t list_moves(gd_exchange *exchange, int32_t p, int64_t count)
{
    const gd_parcel *parcel = &exchange->parcels[p];
    const gd_messages *side = parcel->outgoing ? &exchange->route.out : &exchange->route.in;
    const gd_message *message = &side->messages[parcel->outgoing ? p - exchange->route.in.message_count : p];
    for (int64_t i = message->first_copy; i < message->end_copy; i++) {
        const gd_copy *c = &side->copies[i];
        const gd_spot packed = {.values = parcel->values + c->at, .stride = c->at_stride};
        exchange->moves[count++] = (gd_move){.from = parcel->outgoing ? c->spot : packed,
                                             .to = parcel->outgoing ? packed : c->spot,
                                             .rows = c->rows,
                                             .floats = c->floats};
    }
    return count;
}

static gd_status pack(gd_exchange *exchange, gd_error *error)
{
    int64_t count = 0;
    for (int32_t p = 0; p < exchange->count; p++)
        if (exchange->parcels[p].outgoing)
            count = list_moves(exchange, p, count);
    gd_status status = gd_moves_queue(exchange->plane, exchange->moves, count, exchange->copies, error);
    if (status == GD_OK)
        status = exchange->memory->class->record_event(exchange->memory, &exchange->packed, error);
    return status;
}

static gd_status post(gd_exchange *exchange, uint64_t sequence, gd_error *error)
{
    gd_comm *comm = exchange->comm;
    exchange->waiting = exchange->count;
    exchange->last_progress = gd_clock();
    if (exchange->count == 0)
        return GD_OK;
    for (int32_t p = 0; p < exchange->count; p++)
        if (exchange->parcels[p].outgoing)
            comm->bytes_sent += (uint64_t)exchange->parcels[p].count * sizeof(float);
    return exchange->transport->post(comm, exchange->memory, sequence, exchange->parcels, exchange->count,
                                     &exchange->batch, error);
}

/* Queues the unpacking of parcels that arrived since the last call. Their moves follow the first `listed`
 * ones in the list, and all are queued together. After the last parcel, records the event `settled`. */
static gd_status unpack_arrived(gd_exchange *exchange, int64_t listed, gd_error *error)
{
    for (int32_t p = 0; p < exchange->count; p++) {
        const gd_parcel *parcel = &exchange->parcels[p];
        if (!parcel->done || exchange->taken[p])
            continue;
        if (!parcel->outgoing)
            listed = list_moves(exchange, p, listed);
        exchange->taken[p] = true;
        exchange->waiting--;
        exchange->last_progress = gd_clock();
    }
    gd_status status = gd_moves_queue(exchange->plane, exchange->moves, listed, exchange->copies, error);
    if (status != GD_OK || exchange->waiting > 0)
        return status;
    exchange->is_settling = true;
    return exchange->memory->class->record_event(exchange->memory, &exchange->settled, error);
}

static gd_status start(gd_exchange *exchange, uint64_t sequence, gd_error *error)
{
    const gd_route *route = &exchange->route;
    gd_status status = pack(exchange, error);
    if (status == GD_OK)
        status = post(exchange, sequence, error);
    if (status != GD_OK)
        return status;
    if (route->local_count > 0)
        memcpy(exchange->moves, route->locals, (size_t)route->local_count * sizeof *exchange->moves);
    return unpack_arrived(exchange, route->local_count, error);
}

static gd_status check_ranks(const gd_comm *comm, const gd_window *windows, size_t count, gd_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (windows[i].rank < 0 || windows[i].rank >= comm->size)
            return gd_fail(error, GD_INTERNAL, "no exchange of pixels for rank %d of %d", windows[i].rank,
                           comm->size);
    return GD_OK;
}

static gd_status begin(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                       const gd_window *kept, size_t kept_count, gd_direction direction, gd_exchange **out,
                       gd_error *error)
{
    *out = NULL;
    uint64_t sequence = comm->sequence++;
    gd_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return gd_no_memory(error, "an exchange of pixels");
    exchange->comm = comm;
    exchange->memory = plane->memory;
    exchange->plane = plane;
    exchange->transport = plane->memory->class->kind == GD_MEMORY_HOST ? &gd_transport_mpi : comm->transport;
    gd_status status = check_ranks(comm, windows, count, error);
    if (status == GD_OK)
        status = check_ranks(comm, kept, kept_count, error);
    if (status == GD_OK)
        status = gd_route_create(plane, windows, count, kept, kept_count, direction, &exchange->route, error);
    if (status == GD_OK)
        status = make_parcels(exchange, error);
    if (status != GD_OK) {
        free_exchange(exchange);
        return status;
    }
    status = start(exchange, sequence, error);
    if (status == GD_OK)
        *out = exchange;
    return status; /* not freed after a failure: messages may still arrive in its memory */
}

gd_status gd_gather_begin(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                          gd_exchange **exchange, gd_error *error)
{
    return begin(comm, plane, windows, count, NULL, 0, GD_GATHER, exchange, error);
}

gd_status gd_gather_next(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                         const gd_window *kept, size_t kept_count, gd_exchange **exchange, gd_error *error)
{
    return begin(comm, plane, windows, count, kept, kept_count, GD_GATHER, exchange, error);
}

gd_status gd_scatter_begin(gd_comm *comm, gd_plane *plane, const gd_window *windows, size_t count,
                           gd_exchange **exchange, gd_error *error)
{
    return begin(comm, plane, windows, count, NULL, 0, GD_SCATTER, exchange, error);
}

static gd_status message_too_late(const gd_exchange *exchange, gd_error *error)
{
    const gd_comm *comm = exchange->comm;
    int32_t p = 0;
    while (exchange->parcels[p].done)
        p++;
    const gd_parcel *parcel = &exchange->parcels[p];
    return gd_fail(error, GD_COMM,
                   "rank %d waited %.0f s %s rank %d on %s (%d of %d messages left); look whether that rank "
                   "hangs, or its network is down",
                   comm->rank, comm->deadline, parcel->outgoing ? "to send pixels to" : "for pixels from",
                   parcel->peer, comm->hosts[parcel->peer], exchange->waiting, exchange->count);
}

/* "rank 1 on alpha, rank 3 on beta and 5 more": whom this rank gets pixels from, or else sends them to. */
static void name_peers(const gd_exchange *exchange, char *text, size_t size)
{
    enum { NAMED = 3 };
    const int64_t senders = exchange->route.in.message_count;
    const int64_t count = senders > 0 ? senders : exchange->count;
    size_t length = 0;
    text[0] = '\0';
    for (int64_t p = 0; p < count && p < NAMED && length < size; p++) {
        const int32_t peer = exchange->parcels[p].peer;
        const int written = snprintf(text + length, size - length, "%srank %d on %s", p > 0 ? ", " : "", peer,
                                     exchange->comm->hosts[peer]);
        length += written > 0 ? (size_t)written : 0;
    }
    if (count > NAMED && length < size)
        snprintf(text + length, size - length, " and %d more", (int)(count - NAMED));
}

static gd_status too_late(const gd_exchange *exchange, gd_error *error)
{
    const gd_comm *comm = exchange->comm;
    if (!exchange->is_packed || exchange->count == 0)
        return gd_fail(error, GD_COMM,
                       "rank %d waited %.0f s for its own device to copy pixels; check whether the device "
                       "hangs, or a rank that it exchanged pixels with before",
                       comm->rank, comm->deadline);
    if (exchange->waiting > 0)
        return message_too_late(exchange, error);
    char peers[3 * (GD_HOST_MAX + 24) + 24];
    name_peers(exchange, peers, sizeof peers);
    return gd_fail(error, GD_COMM,
                   "rank %d waited %.0f s for its device to exchange pixels with %s; check whether one of "
                   "these ranks hangs, or its network is down",
                   comm->rank, comm->deadline, peers);
}

/* Queries the events `packed` and, once recorded, `settled`. */
static gd_status query_events(gd_exchange *exchange, gd_error *error)
{
    gd_memory *memory = exchange->memory;
    gd_status status = GD_OK;
    if (!exchange->is_packed) {
        status = memory->class->query_event(memory, exchange->packed, &exchange->is_packed, error);
        if (exchange->is_packed)
            exchange->last_progress = gd_clock();
    }
    if (status == GD_OK && exchange->is_packed && exchange->is_settling)
        status = memory->class->query_event(memory, exchange->settled, &exchange->finished, error);
    return status;
}

gd_status gd_exchange_test(gd_exchange *exchange, bool *done, gd_error *error)
{
    *done = exchange->finished;
    if (*done)
        return GD_OK;
    gd_status status = exchange->batch ? exchange->transport->test(exchange->batch, error) : GD_OK;
    if (status == GD_OK && !exchange->is_settling)
        status = unpack_arrived(exchange, 0, error);
    if (status == GD_OK)
        status = query_events(exchange, error);
    if (status != GD_OK)
        return status;
    *done = exchange->finished;
    if (exchange->finished)
        release_messages(exchange);
    else if (gd_clock() - exchange->last_progress > exchange->comm->deadline)
        return too_late(exchange, error);
    return GD_OK;
}

gd_status gd_exchange_end(gd_exchange **owned, gd_error *error)
{
    gd_exchange *exchange = *owned;
    *owned = NULL;
    if (!exchange)
        return GD_OK;
    gd_backoff backoff = {0};
    for (;;) {
        int32_t before = exchange->waiting;
        bool done = false;
        gd_status status = gd_exchange_test(exchange, &done, error);
        if (status != GD_OK)
            return status; /* not freed: messages may still arrive in its memory */
        if (done)
            break;
        if (exchange->waiting < before)
            backoff = (gd_backoff){0};
        gd_backoff_pause(&backoff);
    }
    free_exchange(exchange);
    return GD_OK;
}
