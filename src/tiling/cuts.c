/* Cuts an axis into cores of nearly equal size, and places a window around each. */
#include "tiling/cuts.h"

#include "base/minmax.h"
#include "base/round.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

static gd_status allocate(int64_t count, gd_cuts *cuts, gd_error *error)
{
    cuts->cuts = NULL;
    cuts->count = 0;
    if (count > INT32_MAX)
        return gd_fail(error, GD_USAGE, "%" PRId64 " tiles along one axis are too many; use larger tiles",
                       count);
    cuts->cuts = calloc((size_t)count, sizeof *cuts->cuts);
    if (!cuts->cuts)
        return gd_no_memory(error, "%" PRId64 " tiles along one axis", count);
    cuts->count = (int32_t)count;
    return GD_OK;
}

/* The first (units mod count) cores are one stride larger; the last takes the remainder, less than a stride.
 */
static void cut_cores(gd_cuts *cuts, int64_t extent, int64_t stride)
{
    int64_t units = extent / stride, at = 0;
    for (int32_t i = 0; i < cuts->count; i++) {
        int64_t size = (units / cuts->count + (i < units % cuts->count)) * stride;
        if (i == cuts->count - 1)
            size = extent - at;
        cuts->cuts[i].core = at;
        cuts->cuts[i].core_extent = size;
        at += size;
    }
}

/* The pixels of a window beyond core and halo are split between both sides. A window that would extend past
 * the last multiple of the stride is shifted to end with the canvas, so that it has the same zero padding
 * there. */
static void place_window(gd_cut *cut, int64_t extent, int64_t window, int64_t halo, int64_t stride)
{
    int64_t last = extent / stride * stride;
    int64_t spare = window - 2 * halo - cut->core_extent / stride * stride;
    int64_t start = cut->core - halo - spare / 2 / stride * stride;
    start = gd_max_i64(start, 0);
    cut->window = start;
    cut->window_extent = window;
    if (start + window > last || cut->core + cut->core_extent > last) {
        cut->window = last - window;
        cut->window_extent = extent - cut->window;
    }
}

enum { CLASSES = 3 };

/* Where a window lies: at the beginning of the axis, in the middle, at its end. */
static int class_of(const gd_cut *cut, int64_t extent)
{
    if (cut->window + cut->window_extent == extent)
        return 2;
    return cut->window == 0 ? 0 : 1;
}

/* Windows of a class have one focus, so that they share a tape. In the middle cores differ by a stride;
 * several lie at an end where the halo is wider than a core. */
static void place_foci(gd_cuts *cuts, int64_t extent)
{
    int64_t begin[CLASSES] = {extent, extent, extent}, end[CLASSES] = {0};
    for (int32_t i = 0; i < cuts->count; i++) {
        const gd_cut *c = &cuts->cuts[i];
        const int class = class_of(c, extent);
        const int64_t at = c->core - c->window;
        begin[class] = gd_min_i64(begin[class], at);
        end[class] = gd_max_i64(end[class], at + c->core_extent);
    }
    for (int32_t i = 0; i < cuts->count; i++) {
        const int class = class_of(&cuts->cuts[i], extent);
        cuts->cuts[i].focus = begin[class];
        cuts->cuts[i].focus_extent = end[class] - begin[class];
    }
}

gd_status gd_cuts_create(int64_t extent, int64_t tile, int64_t halo, int64_t stride, int64_t smallest,
                         gd_cuts *cuts, gd_error *error)
{
    *cuts = (gd_cuts){0};
    if (extent < 1 || stride < 1 || tile < stride || halo < 0 || tile % stride || halo % stride)
        return gd_fail(error, GD_INTERNAL,
                       "cannot cut %" PRId64 " pixels: tile %" PRId64 ", halo %" PRId64 ", stride %" PRId64,
                       extent, tile, halo, stride);
    if (extent < smallest)
        return gd_fail(error, GD_USAGE,
                       "an octave of %" PRId64 " pixels is below the network's smallest input of %" PRId64
                       "; start at a higher octave or with a larger picture",
                       extent, smallest);
    int64_t count = (extent + tile - 1) / tile;
    int64_t units = extent / stride;
    int64_t window = (units + count - 1) / count * stride + 2 * halo;
    window = gd_max_i64(window, gd_round_up(smallest, stride));
    bool whole = window >= units * stride; /* every window would be the whole axis: one is enough */
    gd_status status = allocate(whole ? 1 : count, cuts, error);
    if (status != GD_OK)
        return status;
    cut_cores(cuts, extent, stride);
    for (int32_t i = 0; i < cuts->count && !whole; i++)
        place_window(&cuts->cuts[i], extent, window, halo, stride);
    if (whole)
        cuts->cuts[0].window_extent = extent;
    place_foci(cuts, extent);
    return GD_OK;
}

gd_status gd_cuts_create_corners(int64_t extent, int64_t tile, gd_cuts *cuts, gd_error *error)
{
    *cuts = (gd_cuts){0};
    if (extent < 1 || tile < 1)
        return gd_fail(error, GD_INTERNAL, "cannot cut %" PRId64 " pixels into tiles of %" PRId64, extent,
                       tile);
    int64_t count = (extent + tile - 1) / tile - 1;
    gd_status status = allocate(gd_max_i64(count, 1), cuts, error);
    if (status != GD_OK)
        return status;
    const int64_t size = gd_min_i64(tile, extent);
    for (int32_t i = 0; i < cuts->count; i++)
        cuts->cuts[i] = (gd_cut){i * tile, size, i * tile, size, 0, size};
    return GD_OK;
}

void gd_cuts_free(gd_cuts *cuts)
{
    free(cuts->cuts);
    *cuts = (gd_cuts){0};
}
