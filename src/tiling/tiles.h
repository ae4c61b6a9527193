/* The tiles of a step: cores that partition the rolled canvas, windows around them, and who computes which.
 */
#ifndef GD_TILING_TILES_H
#define GD_TILING_TILES_H

#include "base/rect.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* One axis cut into cores, with a window around each. Depends on the extent, never on the roll. */
typedef struct gd_cut {
    int64_t core, core_extent;     /* core: first pixel */
    int64_t window, window_extent; /* window covers the core */
} gd_cut;

typedef struct gd_cuts {
    gd_cut *cuts; /* owned */
    int32_t count;
} gd_cuts;

/* Cuts `extent` pixels into ceil(extent / tile) cores of sizes as equal as multiples of `stride` allow (the
 * last takes the remainder), with windows of at least `halo` on both sides, slid inward at the ends; all
 * windows have one extent but the last ones, which take extent mod stride. Where that would be the whole axis
 * for every core, it is one core instead: the windows would be equal, and so would their gradients. tile and
 * halo are multiples of stride; smallest is the network's smallest input, below which no window falls
 * (GD_USAGE when the axis is itself smaller). */
gd_status gd_cuts_create(int64_t extent, int64_t tile, int64_t halo, int64_t stride, int64_t smallest,
                         gd_cuts *cuts, gd_error *error) GD_CHECKED;

/* --compat tensorflow: corners 0, tile, 2 tile ... without the last one unless it is the only one; window =
 * core. */
gd_status gd_cuts_create_tensorflow(int64_t extent, int64_t tile, gd_cuts *cuts, gd_error *error) GD_CHECKED;
void gd_cuts_free(gd_cuts *cuts);

typedef struct gd_tile {
    gd_rect core, window; /* in rolled coordinates */
    int32_t rank;         /* who computes it */
} gd_tile;

/* All tiles of a step for the roll (dy, dx), rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols].
 * They are in order of the Hilbert curve over the un-rolled canvas by the place of their centre, dealt to
 * ranks in runs of equal window area. tiles has room for rows_cuts->count * cols_cuts->count. */
gd_status gd_tiles_deal(const gd_cuts *row_cuts, const gd_cuts *col_cuts, int64_t rows, int64_t cols,
                        int64_t dy, int64_t dx, int32_t ranks, gd_tile *tiles, gd_error *error) GD_CHECKED;

/* A rectangle of rolled coordinates on the canvas (torus): 0 <= y < rows, 0 <= x < cols; it may run past the
 * edge. */
gd_rect gd_unroll(gd_rect rolled, int64_t rows, int64_t cols, int64_t dy, int64_t dx);

#endif
