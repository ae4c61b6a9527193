/* Comparison of texts among the ranks of one host, for example of the device that each rank uses. */
#ifndef GD_MPI_DISTINCT_H
#define GD_MPI_DISTINCT_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdbool.h>

/* Fails with GD_USAGE on all ranks if two ranks of one host have the same text. The message names the text
 * and both ranks; `what` names the kind of text, and `remedy` ends the message. Empty texts are never equal.
 * If `shared` is not NULL there is no failure: *shared says whether two ranks of some host have the same
 * text. Collective. */
gd_status gd_comm_distinct(gd_comm *comm, const char *what, const char *text, const char *remedy,
                           bool *shared, gd_error *error) GD_CHECKED;

#endif
