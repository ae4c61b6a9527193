/* The HDF5 metadata of a checkpoint; private to this folder. */
#ifndef GD_MPI_CHECKPOINT_HDF5_H
#define GD_MPI_CHECKPOINT_HDF5_H

#include "mpi/checkpoint/checkpoint_table.h"

#include <stdint.h>

/* Fills head[GD_CHECKPOINT_BLOCK .. GD_CHECKPOINT_DATA) with the file's HDF5 metadata. */
void gd_checkpoint_describe(const gd_checkpoint_table *table, uint8_t *head);

#endif
