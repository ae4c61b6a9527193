/* Copies a rank's part of the canvas to or from a checkpoint's file; private to this folder. */
#ifndef GD_MPI_CHECKPOINT_TRANSFER_H
#define GD_MPI_CHECKPOINT_TRANSFER_H

#include "base/status.h"
#include "canvas/plane.h"

#include <stddef.h>

typedef struct gd_checkpoint_transfer {
    const char *path; /* borrowed; the name in messages */
    const gd_plane *plane;
    int64_t canvas_at;
    int fd;         /* owned; -1: none */
    void *staging;  /* owned; one block */
    uint32_t *crcs; /* owned; [blocks of this rank] computed, or (reading) expected */
} gd_checkpoint_transfer;

/* Number of this rank's blocks. */
int64_t gd_checkpoint_transfer_blocks(const gd_checkpoint_transfer *transfer);

/* Allocates the buffers; fd is -1. The caller calls gd_checkpoint_transfer_end, also after a failure. */
gd_status gd_checkpoint_transfer_begin(gd_checkpoint_transfer *transfer, const char *path,
                                       const gd_plane *plane, gd_error *error) GD_CHECKED;
void gd_checkpoint_transfer_end(gd_checkpoint_transfer *transfer);

/* Writes or reads this rank's blocks, which are adjacent in the file. Writing ends with fsync. Not
 * collective. */
gd_status gd_checkpoint_transfer_write(gd_checkpoint_transfer *transfer, gd_error *error) GD_CHECKED;
gd_status gd_checkpoint_transfer_read(gd_checkpoint_transfer *transfer, int64_t crcs_at,
                                      gd_error *error) GD_CHECKED;

#endif
