/* The communicator of a render: start and end of MPI, rank numbers and host names. Code outside mpi/ does not
 * call MPI. */
#ifndef GD_MPI_COMM_H
#define GD_MPI_COMM_H

#include "base/status.h"

#include <stdint.h>

typedef struct gd_comm gd_comm;

/* Starts MPI. Ends the process if that takes longer than gd_comm_deadline (1800 s if it is not set). GD_USAGE
 * if the launcher reports several ranks but MPI only one. All further calls on `comm` must come from the
 * calling thread. Collective. */
gd_status gd_comm_start(int *argc, char ***argv, gd_comm **comm, gd_error *error) GD_CHECKED;
/* Ends MPI. Ends the process with exit code 1 if that takes longer than the deadline. Collective. */
void gd_comm_finish(gd_comm *comm);

/* This process's rank, and the number of ranks. Not collective. */
int32_t gd_comm_rank(const gd_comm *comm);
int32_t gd_comm_size(const gd_comm *comm);
int32_t gd_comm_node_rank(const gd_comm *comm); /* among the ranks of this host */
int32_t gd_comm_node_size(const gd_comm *comm); /* number of ranks on this host */
const char *gd_comm_host(const gd_comm *comm);  /* name of this host; owned by comm */

/* Sets how long a wait may last without progress before it fails (default: 300 s). It must be longer than any
 * rank computes on one window, since other ranks wait for its pixels. Not collective. */
void gd_comm_set_deadline(gd_comm *comm, double seconds);

/* Bytes of pixels sent by this rank to other ranks since the start. Not collective. */
uint64_t gd_comm_bytes_sent(const gd_comm *comm);

/* Ends all ranks after a failure that only this rank knows. Prints "gigadream: rank R on HOST: MESSAGE" to
 * stderr, then calls MPI_Abort. Not collective; does not return. */
_Noreturn void gd_comm_abort(gd_comm *comm, gd_status status, const gd_error *error);

/* Calls gd_comm_abort if `status` is a failure that was not agreed on; else returns. Call it before closing a
 * backend: the device's queue may wait for other ranks, and only an abort ends that wait. Not collective. */
void gd_comm_abort_alone(gd_comm *comm, gd_status status, const gd_error *error);

#endif
