/* What started this process, by the variables that launchers leave: known before MPI starts, and whether or
 * not the launcher and MPI understand each other. */
#ifndef GD_MPI_LAUNCHER_H
#define GD_MPI_LAUNCHER_H

#include <stdint.h>

typedef struct gd_launcher {
    const char *variable; /* that says how many ranks there are; NULL: there is none */
    int32_t ranks, rank;  /* 1 and 0 where there is none */
} gd_launcher;

/* Of Open MPI's mpirun, of MPICH's and its kin (Intel's, Slurm's pmi2), or of a step of Slurm: not of a job,
 * whose script may well start a single process. Not collective. */
gd_launcher gd_launcher_find(void);

#endif
