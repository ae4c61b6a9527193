/* The messages of one exchange, worked out by arithmetic: which rectangles go where in which message. */
#ifndef GD_MPI_ROUTE_H
#define GD_MPI_ROUTE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "mpi/window.h"

#include <stddef.h>

#include <stdint.h>

/* Where a rectangle of values begins. */
typedef struct gd_spot {
    float *values;  /* borrowed; in a window or a message; NULL: in a block of ours */
    int64_t block;  /* of the plane */
    int64_t at;     /* floats into the block */
    int64_t stride; /* floats from row to row */
} gd_spot;

/* A rectangle of values between memory of ours and a message. */
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
    int64_t floats; /* whole length */
    int64_t first_copy, end_copy;
} gd_message;

/* Messages in one direction, by ascending peer, with their copies. Each value of a message is in one copy
 * when it is sent; when it is received, in one for each window that wants it. */
typedef struct gd_messages {
    gd_message *messages; /* owned */
    gd_copy *copies;      /* owned */
    int64_t message_count, message_room, copy_count, copy_room;
} gd_messages;

typedef struct gd_route {
    gd_messages out, in;
    gd_move *locals; /* owned; what stays on this rank */
    int64_t local_count, local_room;
} gd_route;

typedef enum gd_direction { GD_GATHER, GD_SCATTER } gd_direction;

/* Works out this rank's part, in time that grows with its own windows and blocks, and with the number of all
 * windows only by a few operations each. Within a message, rectangles are ordered by block (along the
 * partition's curve), then by window. What several windows of a rank want of one block is in the message
 * once; what its `kept` ones cover of it (gd_gather_next; none when windows are scattered) is in no message,
 * but moves from them. Not collective. */
gd_status gd_route_create(const gd_plane *plane, const gd_window *windows, size_t count,
                          const gd_window *kept, size_t kept_count, gd_direction direction, gd_route *route,
                          gd_error *error) GD_CHECKED;
void gd_route_free(gd_route *route);

#endif
