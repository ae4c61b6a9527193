/* Comparison of a text among the ranks of one host, such as the device that each uses. */
#ifndef GD_MPI_DISTINCT_H
#define GD_MPI_DISTINCT_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdbool.h>

/* Refuses, on all ranks, when two ranks of one host have the same text, naming it and both (`what` names its
 * kind, `remedy` ends the sentence); "" is never the same. *shared (or NULL): instead of refusing, whether
 * there are two on some host. Collective. */
gd_status gd_comm_distinct(gd_comm *comm, const char *what, const char *text, const char *remedy,
                           bool *shared, gd_error *error) GD_CHECKED;

#endif
