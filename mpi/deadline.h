/* The deadline of all waits, as the environment sets it. */
#ifndef GD_MPI_DEADLINE_H
#define GD_MPI_DEADLINE_H

#include "base/status.h"

/* Seconds of $GIGADREAM_DEADLINE, 0 when it is unset; GD_USAGE when it holds anything else. Not collective.
 */
gd_status gd_comm_deadline(double *seconds, gd_error *error) GD_CHECKED;

#endif
