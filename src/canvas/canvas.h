/* Canvas: the picture at one octave, its partition among ranks and its pixels. */
#ifndef GD_CANVAS_CANVAS_H
#define GD_CANVAS_CANVAS_H

#include "base/status.h"
#include "canvas/partition.h"
#include "canvas/plane.h"

#include <stdint.h>

typedef struct gd_canvas {
    gd_partition *partition; /* owned */
    gd_plane *pixels;        /* owned; float32 RGB in [-1, 1], [rows, cols, 3] over all ranks */
} gd_canvas;

/* Held by the first `ranks` ranks; on any other `rank` it has no pixels. No pixel is set. The caller frees
 * it. Not collective. */
gd_status gd_canvas_create(const gd_store *store, int64_t rows, int64_t cols, int32_t ranks, int32_t rank,
                           gd_canvas **canvas, gd_error *error) GD_CHECKED;
void gd_canvas_free(gd_canvas *canvas);

#endif
