/* Gathers values of all ranks of a communicator, as a nonblocking collective with a deadline. */
#include "mpi/gather.h"

#include "mpi/wait.h"

#include <limits.h>
#include <stdlib.h>

gd_status gd_mpi_gather(gd_comm *comm, MPI_Comm over, int32_t ranks, int32_t mine_at, const double *mine,
                        const int32_t *counts, double *all, gd_error *error)
{
    int *starts = malloc((size_t)ranks * sizeof *starts);
    if (!starts)
        return gd_no_memory(error, "gathering the values of %d ranks", ranks);
    int64_t total = 0;
    for (int32_t r = 0; r < ranks && total <= INT_MAX; r++) {
        starts[r] = (int)total;
        total += counts[r];
    }
    gd_status status = GD_OK;
    if (total > INT_MAX)
        status = gd_fail(error, GD_INTERNAL, "too many values to gather at once");
    MPI_Request request = MPI_REQUEST_NULL;
    if (status == GD_OK) {
        int code = MPI_Iallgatherv(mine, counts[mine_at], MPI_DOUBLE, all, counts, starts, MPI_DOUBLE, over,
                                   &request);
        status = gd_mpi_check(comm, code, "MPI_Iallgatherv", error);
    }
    if (status == GD_OK)
        status = gd_mpi_wait(comm, &request, "a gathering of values", error);
    free(starts); /* only after the wait, since MPI reads it until then */
    return status;
}
