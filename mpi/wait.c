/* Checks the results of MPI calls, and waits for requests with a deadline. */
#include "mpi/wait.h"

#include "base/clock.h"
#include "mpi/backoff.h"

gd_status gd_mpi_check(const gd_comm *comm, int code, const char *call, gd_error *error)
{
    if (code == MPI_SUCCESS)
        return GD_OK;
    char words[MPI_MAX_ERROR_STRING] = "unknown";
    int length = 0;
    (void)MPI_Error_string(code, words, &length);
    return gd_fail(error, GD_COMM, "%s failed on rank %d: %s; look for a rank that ended before", call,
                   comm->rank, words);
}

gd_status gd_mpi_test_some(const gd_comm *comm, int count, MPI_Request *requests, int *which, int *ended,
                           gd_error *error)
{
    MPI_Status *volatile none =
        MPI_STATUSES_IGNORE; /* volatile: else gcc warns about the size of MPICH's constant */
    const int code = MPI_Testsome(count, requests, ended, which, none);
    if (code != MPI_SUCCESS || *ended == MPI_UNDEFINED)
        *ended = 0;
    return gd_mpi_check(comm, code, "MPI_Testsome", error);
}

gd_status gd_mpi_progress(gd_comm *comm, gd_error *error)
{
    return comm->transport->progress ? comm->transport->progress(comm, error) : GD_OK;
}

gd_status gd_mpi_wait(gd_comm *comm, MPI_Request *request, const char *what, gd_error *error)
{
    gd_backoff backoff = {0};
    double start = gd_clock();
    for (;;) {
        int done = 0;
        gd_status status = gd_mpi_check(comm, MPI_Test(request, &done, MPI_STATUS_IGNORE), "MPI_Test", error);
        if (status == GD_OK && !done)
            status = gd_mpi_progress(comm, error);
        if (status != GD_OK || done)
            return status;
        if (gd_clock() - start > comm->deadline)
            return gd_fail(error, GD_COMM,
                           "rank %d waited %.0f s for all ranks at %s; look for a rank that hangs, or whose "
                           "network is down",
                           comm->rank, comm->deadline, what);
        gd_backoff_pause(&backoff);
    }
}
