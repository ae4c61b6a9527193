/* A checkpoint with a canvas whose values name their places, for the tests of checkpoints. */
#ifndef GD_TESTS_SAVED_H
#define GD_TESTS_SAVED_H

#include "canvas/plane.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/checkpoint/checkpoint_table.h"
#include "mpi/comm.h"

enum { SAVED_ROWS = 700, SAVED_COLS = 900 };

typedef struct saved {
    gd_comm *comm;
    gd_store store;
    char path[64];
} saved;

/* All but the canvas; what it points to is static. */
gd_checkpoint saved_record(void);

/* Writes one under that name, or reads and compares that at s->path, with the canvas on so many ranks.
 * Collective. */
gd_status saved_write(saved *s, int32_t ranks, const char *name, gd_error *error);
gd_status saved_read(saved *s, int32_t ranks, const gd_checkpoint *checkpoint, gd_error *error);

/* Where the canvas is in the file of an open one. */
const gd_piece *saved_canvas(const gd_checkpoint *checkpoint);

/* Starts MPI, and names a file after process 0. False: it failed. */
bool saved_start(saved *s, int *argc, char ***argv, const char *name);

#endif
