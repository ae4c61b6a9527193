/* Windows: rectangles of the canvas that are exchanged between ranks. */
#ifndef GD_MPI_WINDOW_H
#define GD_MPI_WINDOW_H

#include "base/rect.h"

#include <stdint.h>

/* A rectangle of the canvas as a torus: 0 <= y < rows, 0 <= x < cols, and it may run past the edge, once
 * around. */
typedef struct gd_window {
    gd_rect rect;
    int32_t rank;  /* who has, or wants, its pixels */
    float *pixels; /* borrowed; on that rank dense [rows, cols, 3] with `stride` floats from row to row; else
                      unused */
    int64_t stride;
} gd_window;

#endif
