/* Canvas: the picture at one octave, its partition among ranks and its pixels. */
#ifndef GD_CANVAS_CANVAS_H
#define GD_CANVAS_CANVAS_H

#include "base/rect.h"
#include "base/status.h"
#include "canvas/partition.h"
#include "canvas/plane.h"

#include <stdint.h>

typedef struct gd_canvas {
    gd_partition *partition; /* owned */
    gd_plane *pixels;        /* owned; float32 RGB in [-1, 1], [rows, cols, 3] over all ranks */
    gd_extent full;          /* of the canvas that it is a part of, itself or a larger one */
    gd_rect at;              /* its place there, as large as the partition; the whole: from (0, 0) on */
} gd_canvas;

/* Held by the first `ranks` ranks; on any other `rank` it has no pixels. No pixel is set. The caller frees
 * it. Not collective. */
gd_status gd_canvas_create(const gd_store *store, int64_t rows, int64_t cols, int32_t ranks, int32_t rank,
                           gd_canvas **canvas, gd_error *error) GD_CHECKED;

/* The same for the pixels `at` of a canvas of size `full`. */
gd_status gd_canvas_create_part(const gd_store *store, gd_extent full, gd_rect at, int32_t ranks,
                                int32_t rank, gd_canvas **canvas, gd_error *error) GD_CHECKED;
void gd_canvas_free(gd_canvas *canvas);

#endif
