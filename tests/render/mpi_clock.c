/* Loaded before MPI (LD_PRELOAD): prints to stdout the monotonic clock and the process's processor seconds,
 * each when MPI_Init_thread returns and when MPI_Finalize is called. */
#include <mpi.h>
#include <stdio.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void print(void)
{
    printf("%.6f %.6f\n", seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID));
    fflush(stdout);
}

int MPI_Init_thread(int *argc, char ***argv, int wanted, int *provided)
{
    const int code = PMPI_Init_thread(argc, argv, wanted, provided);
    print();
    return code;
}

int MPI_Finalize(void)
{
    print();
    return PMPI_Finalize();
}
