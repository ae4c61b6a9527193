/* One axis of a canvas, cut into the cores of tiles with a window around each. */
#ifndef GD_TILING_CUTS_H
#define GD_TILING_CUTS_H

#include "base/status.h"

#include <stdint.h>

typedef enum gd_cuts_kind {
    GD_CUTS_COVER,  /* gd_cuts_create: every pixel is in a core */
    GD_CUTS_CORNERS /* gd_cuts_create_corners: pixels at the end are left out */
} gd_cuts_kind;

/* One axis cut into cores, with a window around each. Depends on the extent, never on the roll. */
typedef struct gd_cut {
    int64_t core, core_extent;     /* core: first pixel */
    int64_t window, window_extent; /* window covers the core */
    int64_t focus, focus_extent;   /* counted from the window's first pixel: the part whose gradient is
                                      computed, which covers the core */
} gd_cut;

typedef struct gd_cuts {
    gd_cut *cuts; /* owned */
    int32_t count;
} gd_cuts;

/* Cuts `extent` pixels into ceil(extent / tile) cores of sizes as equal as multiples of `stride` allow (the
 * last takes the remainder). Windows have at least `halo` on both sides and are shifted inward at the ends.
 * All windows have one extent, except the last ones, which also take extent mod stride. If every window would
 * be the whole axis, there is only one core: the windows would be equal, and so would their gradients. There
 * are at most three pairs of window extent and focus: windows at the beginning of the axis, in the middle,
 * and at its end share one focus each, the hull of where their cores lie. tile
 * and halo are multiples of stride. `smallest` is the network's smallest input and the smallest window
 * (GD_USAGE if the axis is smaller). */
gd_status gd_cuts_create(int64_t extent, int64_t tile, int64_t halo, int64_t stride, int64_t smallest,
                         gd_cuts *cuts, gd_error *error) GD_CHECKED;

/* Cores begin at 0, tile, 2 tile ...; the last one is left out unless it is the only one. Windows equal
 * cores, and pixels at the end are in none. */
gd_status gd_cuts_create_corners(int64_t extent, int64_t tile, gd_cuts *cuts, gd_error *error) GD_CHECKED;
void gd_cuts_free(gd_cuts *cuts);

#endif
