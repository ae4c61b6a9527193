/* Derives the map of a motion, and which samples a rectangle of the new picture needs. */
#include "image/warp.h"

#include "base/minmax.h"

#include <math.h>

/* Places are rounded; far above that, and far below a sample. */
static const double slack = 1e-3;

bool gd_motion_moves(const gd_motion *m)
{
    return m->zoom != 1 || m->rotate != 0 || m->shift_x != 0 || m->shift_y != 0;
}

gd_warp gd_warp_of(const gd_motion *m, gd_extent extent)
{
    const double pi = 3.14159265358979323846264338327950288, angle = m->rotate * pi / 180;
    const double sine = sin(angle) / m->zoom, cosine = cos(angle) / m->zoom;
    const double y = 0.5 * (double)(extent.rows - 1), x = 0.5 * (double)(extent.cols - 1);
    const double to_y = y + m->shift_y, to_x = x + m->shift_x;
    return (gd_warp){.rows = {cosine, sine, y - cosine * to_y - sine * to_x},
                     .cols = {-sine, cosine, x + sine * to_y - cosine * to_x},
                     .height = extent.rows,
                     .width = extent.cols};
}

/* Samples [*first, *end) of one axis for a rectangle: the map takes its extreme values at the corners.
 * offset: the lowest and the highest of the pixels' own. */
static void support(const double map[3], const double offset[2], int64_t extent, gd_rect target,
                    int64_t *first, int64_t *end)
{
    double low = INFINITY, high = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        const int64_t y = target.y + (corner / 2) * (target.rows - 1);
        const int64_t x = target.x + (corner % 2) * (target.cols - 1);
        low = fmin(low, gd_warp_at(map, y, x));
        high = fmax(high, gd_warp_at(map, y, x));
    }
    *first = gd_warp_clamp((int64_t)floor(low + offset[0] - slack) - 1, extent);
    *end = gd_warp_clamp((int64_t)floor(high + offset[1] + slack) + 2, extent) + 1;
}

gd_rect gd_warp_source(const gd_warp *warp, gd_rect target)
{
    int64_t y, x, below, right;
    support(warp->rows, (double[]){warp->offsets.low_y, warp->offsets.high_y}, warp->height, target, &y,
            &below);
    support(warp->cols, (double[]){warp->offsets.low_x, warp->offsets.high_x}, warp->width, target, &x,
            &right);
    return (gd_rect){y, x, below - y, right - x};
}

static int64_t most(const double map[3], double offsets, int64_t extent, gd_extent target)
{
    const double spread =
        fabs(map[0]) * (double)(target.rows - 1) + fabs(map[1]) * (double)(target.cols - 1) + offsets;
    return gd_min_i64(extent, (int64_t)ceil(spread + 2 * slack) + GD_WARP_TAPS + 1);
}

gd_extent gd_warp_most(const gd_warp *warp, gd_extent target)
{
    const gd_offsets *o = &warp->offsets;
    return (gd_extent){most(warp->rows, o->high_y - o->low_y, warp->height, target),
                       most(warp->cols, o->high_x - o->low_x, warp->width, target)};
}
