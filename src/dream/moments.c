/* Adds up moments of parts over the ranks, in the order of the parts. */
#include "dream/moments.h"

#include "mpi/subgroup.h"

#include <math.h>
#include <stdlib.h>

static void add_up(const double *all, int64_t parts, double total[2])
{
    total[0] = total[1] = 0;
    for (int64_t i = 0; i < parts; i++) {
        total[0] += all[2 * i];
        total[1] += all[2 * i + 1];
    }
}

gd_status gd_moments_join(gd_comm *comm, int32_t ranks, const int64_t *first, const double *sums,
                          double total[2], gd_error *error)
{
    const int32_t me = gd_comm_rank(comm);
    int32_t *counts = calloc((size_t)ranks, sizeof *counts);
    double *all = calloc((size_t)first[ranks] * 2, sizeof *all);
    gd_status status = GD_OK;
    if (!counts || !all) {
        status = gd_no_memory(error, "the moments of %lld parts", (long long)first[ranks]);
        goto cleanup;
    }
    for (int32_t r = 0; r < ranks; r++)
        counts[r] = (int32_t)(2 * (first[r + 1] - first[r]));
    status = gd_comm_gather_subgroup(comm, ranks, sums + 2 * first[me], counts, all, error);
    if (status != GD_OK)
        goto cleanup;
    add_up(all, first[ranks], total);
    if (!isfinite(total[1]))
        status =
            gd_fail(error, GD_BACKEND,
                    "the gradient is not finite (sum of squares %g); the weights may be damaged", total[1]);
cleanup:
    free(counts);
    free(all);
    return status;
}

double gd_moments_deviation(const double total[2], double count)
{
    const double mean = total[0] / count, variance = total[1] / count - mean * mean;
    return sqrt(variance > 0 ? variance : 0);
}
