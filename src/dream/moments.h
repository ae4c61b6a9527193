/* Moments of a plane from those of its parts. */
#ifndef GD_DREAM_MOMENTS_H
#define GD_DREAM_MOMENTS_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdint.h>

/* total[0], total[1]: the sum and the sum of squares of all parts, added in their order: the same on any
 * number of ranks. Rank r of the first `ranks` ranks has those of parts first[r] ... first[r + 1] - 1 in
 * sums[first[ranks], 2]. GD_BACKEND if they are not finite. Only these ranks call it, prepared as for
 * gd_comm_gather_subgroup. Collective among them. */
gd_status gd_moments_join(gd_comm *comm, int32_t ranks, const int64_t *first, const double *sums,
                          double total[2], gd_error *error) GD_CHECKED;

/* The standard deviation of `count` values. */
double gd_moments_deviation(const double total[2], double count);

#endif
