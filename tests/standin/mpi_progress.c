/* Where the program waits in MPI, a real device would go on: so does this one. */
#include "standin/internal.h"

#include <mpi.h>

int __wrap_MPI_Test(MPI_Request *request, int *done, MPI_Status *status);
int __wrap_MPI_Testsome(int count, MPI_Request requests[], int *done, int places[], MPI_Status statuses[]);
int __wrap_MPI_Wait(MPI_Request *request, MPI_Status *status);
int __wrap_MPI_Barrier(MPI_Comm comm);

int __wrap_MPI_Test(MPI_Request *request, int *done, MPI_Status *status)
{
    int code = PMPI_Test(request, done, status);
    if (code == MPI_SUCCESS && !*done)
        (void)gd_standin_progress();
    return code;
}

int __wrap_MPI_Testsome(int count, MPI_Request requests[], int *done, int places[], MPI_Status statuses[])
{
    int code = PMPI_Testsome(count, requests, done, places, statuses);
    if (code == MPI_SUCCESS && *done == 0)
        (void)gd_standin_progress();
    return code;
}

int __wrap_MPI_Wait(MPI_Request *request, MPI_Status *status)
{
    int done = 0, code = MPI_SUCCESS;
    while (code == MPI_SUCCESS && !done)
        code = __wrap_MPI_Test(request, &done, status);
    return code;
}

int __wrap_MPI_Barrier(MPI_Comm comm)
{
    MPI_Request request;
    int code = MPI_Ibarrier(comm, &request);
    return code == MPI_SUCCESS ? __wrap_MPI_Wait(&request, MPI_STATUS_IGNORE) : code;
}
