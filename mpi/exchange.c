#include "mpi/exchange.h"

#include "mpi/backoff.h"
#include "mpi/internal.h"
#include "mpi/route.h"

#include <stdlib.h>
#include <string.h>

struct gd_exchange {
    gd_comm *comm;     /* borrowed */
    gd_memory *memory; /* borrowed */
    gd_route route;
    gd_parcel *parcels; /* owned, with their values; [count], those that come in first */
    int32_t count, waiting;
    gd_batch *batch;      /* owned; NULL when nothing travels */
    double last_progress; /* seconds, as gd_mpi_now */
};

static void copy_rows(float *to, int64_t to_stride, const float *from, int64_t from_stride, int64_t rows,
                      int64_t floats)
{
    for (int64_t y = 0; y < rows; y++)
        memcpy(to + y * to_stride, from + y * from_stride, (size_t)floats * sizeof *to);
}

static void pack(const gd_messages *side, const gd_message *message, float *values)
{
    for (int64_t i = message->first_copy; i < message->end_copy; i++) {
        const gd_copy *c = &side->copies[i];
        copy_rows(values + c->at, c->at_stride, c->values, c->stride, c->rows, c->floats);
    }
}

static void unpack(const gd_messages *side, const gd_message *message, const float *values)
{
    for (int64_t i = message->first_copy; i < message->end_copy; i++) {
        const gd_copy *c = &side->copies[i];
        copy_rows(c->values, c->stride, values + c->at, c->at_stride, c->rows, c->floats);
    }
}

static void copy_locals(const gd_route *route)
{
    for (int64_t i = 0; i < route->local_count; i++) {
        const gd_local *l = &route->locals[i];
        copy_rows(l->to, l->to_stride, l->from, l->from_stride, l->rows, l->floats);
    }
}

static gd_status add_parcel(gd_exchange *exchange, const gd_message *message, bool outgoing, gd_error *error)
{
    float *values = malloc((size_t)message->floats * sizeof *values);
    if (!values)
        return gd_fail(error, GD_MEMORY,
                       "no memory for a message of %zu MB; use smaller tiles, or more ranks on more nodes",
                       (size_t)message->floats * sizeof *values >> 20);
    if (outgoing)
        pack(&exchange->route.out, message, values);
    exchange->parcels[exchange->count++] =
        (gd_parcel){.peer = message->peer, .outgoing = outgoing, .values = values, .count = message->floats};
    return GD_OK;
}

static gd_status make_parcels(gd_exchange *exchange, gd_error *error)
{
    const gd_messages *in = &exchange->route.in, *out = &exchange->route.out;
    size_t room = (size_t)(in->message_count + out->message_count);
    exchange->parcels = calloc(room + 1, sizeof *exchange->parcels);
    if (!exchange->parcels)
        return gd_fail(error, GD_MEMORY, "no memory for %zu messages", room);
    gd_status status = GD_OK;
    for (int64_t i = 0; i < in->message_count && status == GD_OK; i++)
        status = add_parcel(exchange, &in->messages[i], false, error);
    for (int64_t i = 0; i < out->message_count && status == GD_OK; i++)
        status = add_parcel(exchange, &out->messages[i], true, error);
    return status;
}

static void free_exchange(gd_exchange *exchange)
{
    if (exchange->batch)
        exchange->comm->transport->free(exchange->batch);
    for (int32_t p = 0; p < exchange->count; p++)
        free(exchange->parcels[p].values);
    free(exchange->parcels);
    gd_route_free(&exchange->route);
    free(exchange);
}

static gd_status post(gd_exchange *exchange, uint64_t sequence, gd_error *error)
{
    gd_comm *comm = exchange->comm;
    exchange->waiting = exchange->count;
    exchange->last_progress = gd_mpi_now();
    if (exchange->count == 0)
        return GD_OK;
    for (int32_t p = 0; p < exchange->count; p++)
        if (exchange->parcels[p].outgoing)
            comm->bytes_sent += (uint64_t)exchange->parcels[p].count * sizeof(float);
    return comm->transport->post(comm, exchange->memory, sequence, exchange->parcels, exchange->count,
                                 &exchange->batch, error);
}

static gd_status begin(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                       gd_direction direction, gd_exchange **out, gd_error *error)
{
    *out = NULL;
    uint64_t sequence = comm->sequence++;
    gd_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return gd_fail(error, GD_MEMORY, "no memory for an exchange");
    exchange->comm = comm;
    exchange->memory = plane->memory;
    gd_status status = gd_route_create(plane, windows, count, direction, &exchange->route, error);
    if (status == GD_OK)
        status = make_parcels(exchange, error);
    if (status != GD_OK) {
        free_exchange(exchange);
        return status;
    }
    status = post(exchange, sequence, error);
    if (status != GD_OK)
        return status; /* not freed: messages may still arrive in its memory */
    copy_locals(&exchange->route);
    *out = exchange;
    return GD_OK;
}

gd_status gd_gather_begin(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                          gd_exchange **exchange, gd_error *error)
{
    return begin(comm, plane, windows, count, GD_GATHER, exchange, error);
}

gd_status gd_scatter_begin(gd_comm *comm, gd_plane *plane, const gd_window *windows, size_t count,
                           gd_exchange **exchange, gd_error *error)
{
    return begin(comm, plane, windows, count, GD_SCATTER, exchange, error);
}

/* Takes in what has arrived and lets go of what has left. */
static void finish_parcels(gd_exchange *exchange)
{
    for (int32_t p = 0; p < exchange->count; p++) {
        gd_parcel *parcel = &exchange->parcels[p];
        if (!parcel->done || !parcel->values)
            continue;
        if (!parcel->outgoing)
            unpack(&exchange->route.in, &exchange->route.in.messages[p], parcel->values);
        free(parcel->values);
        parcel->values = NULL;
        exchange->waiting--;
        exchange->last_progress = gd_mpi_now();
    }
}

static gd_status too_late(const gd_exchange *exchange, gd_error *error)
{
    int32_t p = 0;
    while (exchange->parcels[p].done)
        p++;
    const gd_parcel *parcel = &exchange->parcels[p];
    return gd_fail(
        error, GD_COMM,
        "rank %d waited %.0f s %s rank %d (%d of %d messages left); look whether that rank hangs, or "
        "its network is down",
        exchange->comm->rank, exchange->comm->deadline,
        parcel->outgoing ? "to send pixels to" : "for pixels from", parcel->peer, exchange->waiting,
        exchange->count);
}

gd_status gd_exchange_test(gd_exchange *exchange, bool *done, gd_error *error)
{
    *done = exchange->waiting == 0;
    if (*done)
        return GD_OK;
    gd_status status = exchange->comm->transport->test(exchange->batch, error);
    if (status != GD_OK)
        return status;
    finish_parcels(exchange);
    *done = exchange->waiting == 0;
    if (!*done && gd_mpi_now() - exchange->last_progress > exchange->comm->deadline)
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
