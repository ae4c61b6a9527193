/* Exchange of pixels between ranks: gathers windows from a plane, or scatters windows into it.
 *
 * Every rank passes the same list: the windows of all ranks, in the same order. So sender and receiver
 * compute the same messages without communication. The messages of one call are its route
 * (mpi/exchange/route.h). */
#ifndef GD_MPI_EXCHANGE_EXCHANGE_H
#define GD_MPI_EXCHANGE_EXCHANGE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "mpi/comm.h"
#include "mpi/exchange/window.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct gd_exchange gd_exchange; /* a gather or scatter in progress */

/* Starts to fill the windows from `plane`. Windows may overlap: pixels that several windows of one rank share
 * are sent once. `windows` and `plane` are borrowed until gd_exchange_end. Returns without waiting.
 * Collective: every rank must call it, in the same order of calls. */
gd_status gd_gather_begin(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                          gd_exchange **exchange, gd_error *error) GD_CHECKED;

/* As gd_gather_begin, with `kept` windows (of all ranks, in the same order on each) that were filled before
 * from the same, unchanged plane. Pixels that a rank's kept windows hold are copied locally, not exchanged.
 * Kept windows must not change until gd_exchange_end, nor overlap the new ones in memory. */
gd_status gd_gather_next(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                         const gd_window *kept, size_t kept_count, gd_exchange **exchange,
                         gd_error *error) GD_CHECKED;

/* Starts to write the windows into `plane`; they must be disjoint. Otherwise as gd_gather_begin. */
gd_status gd_scatter_begin(gd_comm *comm, gd_plane *plane, const gd_window *windows, size_t count,
                           gd_exchange **exchange, gd_error *error) GD_CHECKED;

/* Makes progress. *done: all windows of this rank are filled (or all its blocks are written), and all its
 * messages are sent. Fails after a deadline without progress; the message names the rank that was waited for.
 * Not collective. */
gd_status gd_exchange_test(gd_exchange *exchange, bool *done, gd_error *error) GD_CHECKED;

/* Waits for the end, then frees the exchange. *exchange becomes NULL; it may be NULL before. */
gd_status gd_exchange_end(gd_exchange **exchange, gd_error *error) GD_CHECKED;

#endif
