/* Gathers and scatters compared with the value that each pixel must have, in any memory, over any transport,
 * under any number of ranks. */
#ifndef GD_TESTS_MPI_PATTERNS_H
#define GD_TESTS_MPI_PATTERNS_H

#include "canvas/plane.h"
#include "mpi/comm.h"

typedef struct patterns {
    gd_comm *comm;  /* borrowed */
    gd_store store; /* borrowed; where planes live, and windows in its memory */
    int64_t extent; /* canvases are at most so many pixels across; more than a block */
    int32_t rounds; /* of drawn canvases */
    int32_t draws;  /* so far */
    gd_error error;
} patterns;

/* Runs them all as one group of cmocka. Returns how many failed. Collective. */
int run_patterns(patterns *patterns, const char *name);

#endif
