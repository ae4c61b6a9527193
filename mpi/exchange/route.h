/* The messages of one exchange: which rectangles each message holds, and in which order. */
#ifndef GD_MPI_EXCHANGE_ROUTE_H
#define GD_MPI_EXCHANGE_ROUTE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "mpi/exchange/window.h"

#include <stddef.h>
#include <stdint.h>

/* The start of a rectangle of values in memory. */
typedef struct gd_spot {
    float *values;  /* borrowed; in a window or a message; NULL: in a block of this rank */
    int64_t block;  /* index in the plane */
    int64_t at;     /* floats into the block */
    int64_t stride; /* floats from row to row */
} gd_spot;

/* A rectangle of values to copy between this rank's memory and a message. */
typedef struct gd_copy {
    gd_spot spot;
    int64_t at; /* floats into the message */
    int64_t at_stride;
    int64_t rows, floats; /* of each row */
} gd_copy;

/* A rectangle of values to move within this rank. */
typedef struct gd_move {
    gd_spot from, to;
    int64_t rows, floats; /* of each row */
} gd_move;

typedef struct gd_message {
    int32_t peer;
    int64_t floats; /* total length */
    int64_t first_copy, end_copy;
} gd_message;

/* Messages in one direction, by ascending peer, with their copies. A value that is sent is in one copy; a
 * value that is received is in one copy for each window that contains it. */
typedef struct gd_messages {
    gd_message *messages; /* owned */
    gd_copy *copies;      /* owned */
    int64_t message_count, message_capacity, copy_count, copy_capacity;
} gd_messages;

typedef struct gd_route {
    gd_messages out, in;
    gd_move *locals; /* owned; moves within this rank */
    int64_t local_count, local_capacity;
} gd_route;

typedef enum gd_direction { GD_GATHER, GD_SCATTER } gd_direction;

/* Computes this rank's messages and moves. The time is proportional to its own windows and blocks, plus a few
 * operations for each window of other ranks. Within a message, rectangles are ordered by block (along the
 * partition's curve), then by window. Pixels of a block that several windows of a rank need are in the
 * message once. Pixels that its `kept` windows hold (gd_gather_next; none for GD_SCATTER) are in no message:
 * they are moved from there. Not collective; the caller frees the route with gd_route_free. */
gd_status gd_route_create(const gd_plane *plane, const gd_window *windows, size_t count,
                          const gd_window *kept, size_t kept_count, gd_direction direction, gd_route *route,
                          gd_error *error) GD_CHECKED;
void gd_route_free(gd_route *route);

#endif
