#include "mpi/backoff.h"
#include "mpi/internal.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { SPINS = 20, NAP_SHORT = 50000, NAP_LONG = 200000, NAPS_SHORT = 20 };

void gd_backoff_pause(gd_backoff *backoff)
{
    if (backoff->rounds < SPINS + NAPS_SHORT)
        backoff->rounds++;
    if (backoff->rounds <= SPINS)
        return;
    struct timespec nap = {0, backoff->rounds < SPINS + NAPS_SHORT ? NAP_SHORT : NAP_LONG};
    nanosleep(&nap, NULL); /* woken early by a signal, it only waits less */
}

double gd_mpi_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

gd_status gd_comm_deadline(double *seconds, gd_error *error)
{
    const char *text = getenv("GIGADREAM_DEADLINE");
    char *end = NULL;
    *seconds = 0;
    if (!text || !*text)
        return GD_OK;
    *seconds = strtod(text, &end);
    if (*end || !isfinite(*seconds) || *seconds <= 0)
        return gd_fail(error, GD_USAGE, "GIGADREAM_DEADLINE is \"%.100s\"; give seconds, more than 0", text);
    return GD_OK;
}

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
    MPI_Status *volatile none = MPI_STATUSES_IGNORE; /* else gcc warns that MPICH's has room for none */
    const int code = MPI_Testsome(count, requests, ended, which, none);
    if (code != MPI_SUCCESS || *ended == MPI_UNDEFINED)
        *ended = 0;
    return gd_mpi_check(comm, code, "MPI_Testsome", error);
}

gd_status gd_mpi_wait(gd_comm *comm, MPI_Request *request, const char *what, gd_error *error)
{
    gd_backoff backoff = {0};
    double start = gd_mpi_now();
    for (;;) {
        int done = 0;
        gd_status status = gd_mpi_check(comm, MPI_Test(request, &done, MPI_STATUS_IGNORE), "MPI_Test", error);
        if (status == GD_OK && !done)
            status = gd_mpi_send_fetched(comm, error);
        if (status != GD_OK || done)
            return status;
        if (gd_mpi_now() - start > comm->deadline)
            return gd_fail(
                error, GD_COMM,
                "rank %d waited %.0f s for all ranks at %s; look for one that hangs, or whose network is "
                "down",
                comm->rank, comm->deadline, what);
        gd_backoff_pause(&backoff);
    }
}
