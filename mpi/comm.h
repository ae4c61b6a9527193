/* The ranks of a render: start, end, numbers and hosts. Code outside of mpi/ sees no more of MPI than this.
 */
#ifndef GD_MPI_COMM_H
#define GD_MPI_COMM_H

#include "base/status.h"

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

/* How long a wait may last without progress before it fails (300 s unless set). Longer than any rank computes
 * on one window, since others wait for its pixels meanwhile. Not collective. */
void gd_comm_set_deadline(gd_comm *comm, double seconds);

/* Bytes of pixels that this rank has sent to others since the start. Not collective. */
uint64_t gd_comm_bytes_sent(const gd_comm *comm);

/* Ends every rank at once after a failure that the others cannot know of. Prints "gigadream: rank R on HOST:
 * MESSAGE" to stderr, then MPI_Abort. Not collective; does not return. */
_Noreturn void gd_comm_abort(gd_comm *comm, gd_status status, const gd_error *error);

/* The same where `status` is a failure that the others do not know of; else returns. Before a backend is
 * closed: a device's queue may wait for others, and only this ends that wait. Not collective. */
void gd_comm_abort_alone(gd_comm *comm, gd_status status, const gd_error *error);

#endif
