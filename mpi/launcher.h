/* Detection of the launcher by the environment variables that it sets. It works before MPI starts, and also
 * if the launcher and MPI do not match. */
#ifndef GD_MPI_LAUNCHER_H
#define GD_MPI_LAUNCHER_H

#include <stdint.h>

typedef struct gd_launcher {
    const char *variable; /* name of the variable with the number of ranks; NULL: no launcher */
    int32_t ranks, rank;  /* 1 and 0 without a launcher */
} gd_launcher;

/* Detects the mpirun of Open MPI, of MPICH and its derivatives (Intel MPI, MVAPICH2, Slurm's pmi2, Cray's
 * PALS), Flux, and Slurm's job steps. A Slurm job without a step does not count, since its script may start a
 * single process. Not collective. */
gd_launcher gd_launcher_find(void);

#endif
