/* The one way in which pixels cross ranks: windows are gathered from a plane, or scattered into it.
 *
 * Every rank passes the same list of windows (all ranks' windows, in the same order), so that sender and
 * receiver work out the same messages by arithmetic. The messages of one call, worked out, are a route. */
#ifndef GD_MPI_EXCHANGE_H
#define GD_MPI_EXCHANGE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "mpi/comm.h"
#include "mpi/window.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct gd_exchange gd_exchange; /* a gather or scatter under way */

/* Starts to fill the windows from `plane`. Windows may overlap: what several windows of one rank share
 * travels once. windows and plane must stay until the end. Collective in that every rank must call it, in the
 * same order of calls; returns without waiting. */
gd_status gd_gather_begin(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                          gd_exchange **exchange, gd_error *error) GD_CHECKED;

/* As gd_gather_begin, for ranks that still have `kept` windows (of all ranks, in the same order on each),
 * filled from the same plane as it is now: what those of a rank cover of its new ones is copied from them and
 * does not travel. They stay as they are until the end, apart from the new ones. */
gd_status gd_gather_next(gd_comm *comm, const gd_plane *plane, const gd_window *windows, size_t count,
                         const gd_window *kept, size_t kept_count, gd_exchange **exchange,
                         gd_error *error) GD_CHECKED;

/* Starts to write disjoint windows into `plane`. Otherwise as gd_gather_begin. */
gd_status gd_scatter_begin(gd_comm *comm, gd_plane *plane, const gd_window *windows, size_t count,
                           gd_exchange **exchange, gd_error *error) GD_CHECKED;

/* Drives progress; *done when all windows of this rank are filled (or all its blocks written) and all it
 * sends has left. Fails after a deadline without progress, naming the rank waited for. Not collective. */
gd_status gd_exchange_test(gd_exchange *exchange, bool *done, gd_error *error) GD_CHECKED;

/* Waits, then frees. *exchange becomes NULL. NULL is fine. */
gd_status gd_exchange_end(gd_exchange **exchange, gd_error *error) GD_CHECKED;

#endif
