/* Tiles of a step: cores that partition the rolled canvas, windows around them, and the rank of each. */
#ifndef GD_TILING_TILES_H
#define GD_TILING_TILES_H

#include "base/rect.h"
#include "base/status.h"
#include "tiling/cuts.h"

#include <stdint.h>

typedef struct gd_tile {
    gd_rect core, window; /* in rolled coordinates */
    gd_rect focus;        /* in the window: the part whose gradient is computed */
    int64_t cost;         /* for the rank that computes it */
    int32_t rank;
} gd_tile;

/* Lists all tiles of a step for the roll (dy, dx), rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod
 * cols], ordered by their centres along the Hilbert curve over the canvas. Ranks get runs of equal cost.
 * costs: [row_cuts->count, col_cuts->count]; tiles of cost 0 are left out. tiles: [row_cuts->count *
 * col_cuts->count], filled with the others. */
gd_status gd_tiles_assign(const gd_cuts *row_cuts, const gd_cuts *col_cuts, const int64_t *costs,
                          int64_t rows, int64_t cols, int64_t dy, int64_t dx, int32_t ranks, gd_tile *tiles,
                          gd_error *error) GD_CHECKED;

/* Converts a rectangle from rolled to canvas coordinates (a torus): 0 <= y < rows, 0 <= x < cols; it may wrap
 * around. */
gd_rect gd_unroll(gd_rect rolled, int64_t rows, int64_t cols, int64_t dy, int64_t dx);

#endif
