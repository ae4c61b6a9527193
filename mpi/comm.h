/* The ranks of a render, their start and end, and small agreements. All that src sees of MPI.
 *
 * After GD_COMM from any of these, or from an exchange, messages may be under way still: nothing but
 * gd_comm_abort may follow. */
#ifndef GD_MPI_COMM_H
#define GD_MPI_COMM_H

#include "base/memory.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gd_comm gd_comm;

/* Starts MPI, within the seconds of gd_comm_deadline (unless set, 1800), or ends the process. GD_USAGE when
 * whoever started this process says that it is one of several, and MPI that it is alone. Collective. The
 * calling thread owns all further calls on `comm`. */
gd_status gd_comm_start(int *argc, char ***argv, gd_comm **comm, gd_error *error) GD_CHECKED;
/* Ends MPI, within the deadline, or ends the process with exit code 1. Collective. */
void gd_comm_finish(gd_comm *comm);

int32_t gd_comm_rank(const gd_comm *comm);
int32_t gd_comm_size(const gd_comm *comm);
int32_t gd_comm_node_rank(const gd_comm *comm); /* among the ranks of this host */
int32_t gd_comm_node_size(const gd_comm *comm);
const char *gd_comm_host(const gd_comm *comm);

/* Chooses how pixels cross ranks from now on: "mpi" (any memory), "nccl" (a device's memory), or "auto" (nccl
 * where `memory` is a device's, it is compiled in, and no two ranks share a device; else mpi). `shared`: some
 * ranks share a device, which NCCL refuses. The choice depends on these alone, so that all ranks make the
 * same. Collective. */
gd_status gd_comm_select_transport(gd_comm *comm, const char *transport, gd_memory *memory, bool shared,
                                   gd_error *error) GD_CHECKED;
const char *gd_comm_transport(const gd_comm *comm); /* "mpi" or "nccl" */

/* How long a wait may last without progress before it fails (300 s unless set). Longer than any rank computes
 * on one window, since others wait for its pixels meanwhile. Not collective. */
void gd_comm_set_deadline(gd_comm *comm, double seconds);

/* Seconds of $GIGADREAM_DEADLINE, 0 when it is unset; GD_USAGE when it holds anything else. Not collective.
 */
gd_status gd_comm_deadline(double *seconds, gd_error *error) GD_CHECKED;

/* Ends every rank at once after a failure that the others cannot know of. Prints "gigadream: rank R on HOST:
 * MESSAGE" to stderr, then MPI_Abort. Not collective; does not return. */
_Noreturn void gd_comm_abort(gd_comm *comm, gd_status status, const gd_error *error);

/* The same where `status` is a failure that the others do not know of; else returns. Before a backend is
 * closed: a device's queue may wait for others, and only this ends that wait. Not collective. */
void gd_comm_abort_alone(gd_comm *comm, gd_status status, const gd_error *error);

/* Agreement: all ranks get the status of the lowest rank that failed, and its sentence (with "rank R on HOST:
 * " put before it when it is not rank 0's). Collective. */
gd_status gd_comm_agree(gd_comm *comm, gd_status mine, gd_error *error) GD_CHECKED;

/* The same, and *wish becomes the largest of all ranks' wishes. Collective. */
gd_status gd_comm_agree_request(gd_comm *comm, gd_status mine, int32_t *wish, gd_error *error) GD_CHECKED;

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

/* Makes what gd_comm_gather_subgroup needs for so many ranks, once for each number; while nothing is
 * exchanged, and after gd_comm_select_transport. Collective. */
gd_status gd_comm_prepare_subgroup(gd_comm *comm, int32_t ranks, gd_error *error) GD_CHECKED;

/* The same as gd_comm_gather_all among the first `ranks` ranks (prepared), who alone call it, over the
 * transport in use. Collective among them. */
gd_status gd_comm_gather_subgroup(gd_comm *comm, int32_t ranks, const double *mine, const int32_t *counts,
                                  double *all, gd_error *error) GD_CHECKED;

/* Refuses, on all ranks, when two ranks of one host have the same text, naming it and both (`what` names its
 * kind, `remedy` ends the sentence); "" is never the same. *shared (or NULL): instead of refusing, whether
 * there are two on some host. Collective. */
gd_status gd_comm_distinct(gd_comm *comm, const char *what, const char *text, const char *remedy,
                           bool *shared, gd_error *error) GD_CHECKED;

/* Each of bits[count] becomes what any rank of this host has set in it. Collective. */
gd_status gd_comm_node_union(gd_comm *comm, uint64_t *bits, int32_t count, gd_error *error) GD_CHECKED;

/* Rank 0's text, on all ranks; `mine` counts there only. The caller frees it. Collective. */
gd_status gd_comm_share_text(gd_comm *comm, const char *mine, char **text, gd_error *error) GD_CHECKED;

/* Refuses by name, on all ranks, when some rank's text differs from rank 0's (`what` names it). Collective.
 */
gd_status gd_comm_same(gd_comm *comm, const char *what, const char *text, gd_error *error) GD_CHECKED;

#endif
