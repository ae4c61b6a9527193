/* Copies a rank's part of the canvas to or from a checkpoint's file; private to this folder. */
#ifndef GD_MPI_CHECKPOINT_PASS_H
#define GD_MPI_CHECKPOINT_PASS_H

#include "base/status.h"
#include "canvas/plane.h"

#include <stddef.h>

typedef struct gd_passage {
    const char *path; /* borrowed; the name in messages */
    const gd_plane *plane;
    int64_t canvas_at;
    int fd;         /* owned; -1: none */
    void *staging;  /* owned; one block */
    uint32_t *crcs; /* owned; [blocks of this rank] computed, or (reading) expected */
} gd_passage;

/* Number of this rank's blocks. */
int64_t gd_passage_blocks(const gd_passage *passage);

/* Allocates the buffers; fd is -1. The caller calls gd_passage_end, also after a failure. */
gd_status gd_passage_begin(gd_passage *passage, const char *path, const gd_plane *plane,
                           gd_error *error) GD_CHECKED;
void gd_passage_end(gd_passage *passage);

/* Writes or reads this rank's blocks, which are adjacent in the file. Writing ends with fsync. Not
 * collective. */
gd_status gd_passage_write(gd_passage *passage, gd_error *error) GD_CHECKED;
gd_status gd_passage_read(gd_passage *passage, int64_t crcs_at, gd_error *error) GD_CHECKED;

#endif
