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
    gd_extent full; /* size of the full canvas: its own, or that of the canvas that it is a part of */
    gd_rect at;     /* its rectangle in the full canvas; a whole canvas: from (0, 0) on */
} gd_canvas;

/* Creates a canvas on the first `ranks` ranks; on other ranks it has no pixels. Pixels are not initialised.
 * The caller frees it. Not collective. */
gd_status gd_canvas_create(const gd_store *store, int64_t rows, int64_t cols, int32_t ranks, int32_t rank,
                           gd_canvas **canvas, gd_error *error) GD_CHECKED;

/* As gd_canvas_create, for the rectangle `at` of a canvas of size `full`. */
gd_status gd_canvas_create_part(const gd_store *store, gd_extent full, gd_rect at, int32_t ranks,
                                int32_t rank, gd_canvas **canvas, gd_error *error) GD_CHECKED;

/* The same for a plane of one channel: a mask. */
gd_status gd_canvas_create_mask(const gd_store *store, gd_extent full, gd_rect at, int32_t ranks,
                                int32_t rank, gd_canvas **canvas, gd_error *error) GD_CHECKED;
void gd_canvas_free(gd_canvas *canvas);

#endif
