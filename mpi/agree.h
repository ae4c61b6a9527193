/* Agreement of all ranks on failures, stop requests and small values. After GD_COMM from any of these, only
 * gd_comm_abort may follow: messages may still be under way. */
#ifndef GD_MPI_AGREE_H
#define GD_MPI_AGREE_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Agreement: all ranks get the status of the lowest rank that failed, and its sentence (with "rank R on HOST:
 * " put before it when it is not rank 0's). Collective. */
gd_status gd_comm_agree(gd_comm *comm, gd_status mine, gd_error *error) GD_CHECKED;

/* The same, and *wanted becomes the largest of all ranks'. Collective. */
gd_status gd_comm_agree_request(gd_comm *comm, gd_status mine, int32_t *wanted, gd_error *error) GD_CHECKED;

/* True once gd_comm_agree gave a failure: all ranks know of it, and need no gd_comm_abort. Not collective. */
bool gd_comm_agreed(const gd_comm *comm);

/* A request to stop that others set, borrowed until the next call; NULL, as at the start: none is heeded. Not
 * collective, but for all ranks to call. */
void gd_comm_watch(gd_comm *comm, const atomic_bool *stop);

/* GD_STOPPED on a rank that sees such a request: to be agreed on, by whoever passes on a picture for long.
 * Not collective. */
gd_status gd_comm_stopped(const gd_comm *comm, gd_error *error) GD_CHECKED;

/* All ranks go on in spite of the failure that they agreed on. Not collective, but for all ranks to call. */
void gd_comm_forgive(gd_comm *comm);

/* Copies `bytes` from rank 0 to all. Collective. */
gd_status gd_comm_broadcast(gd_comm *comm, void *data, size_t bytes, gd_error *error) GD_CHECKED;

/* All ranks get all ranks' values, rank after rank: counts[size] values of double each. Collective. */
gd_status gd_comm_gather_all(gd_comm *comm, const double *mine, const int32_t *counts, double *all,
                             gd_error *error) GD_CHECKED;

/* Each of bits[count] becomes what any rank of this host has set in it. Collective. */
gd_status gd_comm_node_union(gd_comm *comm, uint64_t *bits, int32_t count, gd_error *error) GD_CHECKED;

/* Rank 0's text, on all ranks; `mine` counts there only. The caller frees it. Collective. */
gd_status gd_comm_share_text(gd_comm *comm, const char *mine, char **text, gd_error *error) GD_CHECKED;

/* Refuses by name, on all ranks, when some rank's text differs from rank 0's (`what` names it). Collective.
 */
gd_status gd_comm_same(gd_comm *comm, const char *what, const char *text, gd_error *error) GD_CHECKED;

#endif
