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

/* Agreement: all ranks get the status and the message of the lowest rank that failed. The message is prefixed
 * with "rank R on HOST: " unless it is rank 0's. Collective. */
gd_status gd_comm_agree(gd_comm *comm, gd_status mine, gd_error *error) GD_CHECKED;

/* As gd_comm_agree; *request also becomes the largest request of all ranks. Collective. */
gd_status gd_comm_agree_request(gd_comm *comm, gd_status mine, int32_t *request, gd_error *error) GD_CHECKED;

/* True after gd_comm_agree returned a failure: all ranks know it, so gd_comm_abort is not needed. Not
 * collective. */
bool gd_comm_agreed(const gd_comm *comm);

/* Sets the stop flag that gd_comm_stopped reads; borrowed until the next call. NULL, the initial value: no
 * stop requests. Not collective, but all ranks must call it. */
void gd_comm_watch(gd_comm *comm, const atomic_bool *stop);

/* GD_STOPPED if this rank's stop flag is set. Callers that transfer a picture for a long time check it and
 * agree on the result. Not collective. */
gd_status gd_comm_stopped(const gd_comm *comm, gd_error *error) GD_CHECKED;

/* Clears the failure that the ranks agreed on, so that they can continue. Not collective, but all ranks must
 * call it. */
void gd_comm_clear_failure(gd_comm *comm);

/* Broadcasts `bytes` from rank 0 to all ranks. Collective. */
gd_status gd_comm_broadcast(gd_comm *comm, void *data, size_t bytes, gd_error *error) GD_CHECKED;

/* Gathers the values of all ranks on all ranks, in rank order; rank r has counts[r] doubles. Collective. */
gd_status gd_comm_gather_all(gd_comm *comm, const double *mine, const int32_t *counts, double *all,
                             gd_error *error) GD_CHECKED;

/* Bitwise OR of bits[count] over the ranks of this host. Collective. */
gd_status gd_comm_node_union(gd_comm *comm, uint64_t *bits, int32_t count, gd_error *error) GD_CHECKED;

/* Broadcasts rank 0's text; `mine` is ignored on the other ranks. The caller frees *text. Collective. */
gd_status gd_comm_share_text(gd_comm *comm, const char *mine, char **text, gd_error *error) GD_CHECKED;

/* The same, with the text of rank `root`. Collective. */
gd_status gd_comm_share_text_of(gd_comm *comm, int32_t root, const char *mine, char **text,
                                gd_error *error) GD_CHECKED;

/* Fails with GD_USAGE on all ranks if the text of some rank differs from rank 0's; `what` names it in the
 * message. Collective. */
gd_status gd_comm_same(gd_comm *comm, const char *what, const char *text, gd_error *error) GD_CHECKED;

#endif
