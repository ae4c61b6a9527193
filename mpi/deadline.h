/* The deadline of all waits, from the environment. */
#ifndef GD_MPI_DEADLINE_H
#define GD_MPI_DEADLINE_H

#include "base/status.h"

/* *seconds: the value of $GIGADREAM_DEADLINE, 0 if it is not set. GD_USAGE if it is not a positive number.
 * Not collective. */
gd_status gd_comm_deadline(double *seconds, gd_error *error) GD_CHECKED;

#endif
