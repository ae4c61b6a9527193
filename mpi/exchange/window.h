/* Windows: rectangles of the canvas that are exchanged between ranks. */
#ifndef GD_MPI_EXCHANGE_WINDOW_H
#define GD_MPI_EXCHANGE_WINDOW_H

#include "base/rect.h"

#include <stdint.h>

/* A rectangle on the canvas as a torus: 0 <= y < rows, 0 <= x < cols; it may extend past an edge and wrap
 * around once. */
typedef struct gd_window {
    gd_rect rect;
    int32_t rank;  /* the rank that holds or receives its pixels */
    float *pixels; /* borrowed; on that rank [rows, cols, 3] with `stride` floats from row to row; unused on
                      the others */
    int64_t stride;
} gd_window;

#endif
