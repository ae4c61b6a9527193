/* Loaded before MPI (LD_PRELOAD): prints the monotonic clock to stdout when MPI_Init_thread returns. */
#include <mpi.h>
#include <stdio.h>
#include <time.h>

int MPI_Init_thread(int *argc, char ***argv, int wanted, int *provided)
{
    struct timespec now;
    const int code = PMPI_Init_thread(argc, argv, wanted, provided);
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%.6f\n", (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
    fflush(stdout);
    return code;
}
