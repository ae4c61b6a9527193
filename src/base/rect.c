/* Intersections, differences and periodic images of rectangles. */
#include "base/rect.h"

#include "base/minmax.h"

gd_rect gd_rect_intersect(gd_rect a, gd_rect b)
{
    int64_t y = gd_max_i64(a.y, b.y), x = gd_max_i64(a.x, b.x);
    int64_t rows = gd_min_i64(a.y + a.rows, b.y + b.rows) - y;
    int64_t cols = gd_min_i64(a.x + a.cols, b.x + b.cols) - x;
    return (gd_rect){y, x, gd_max_i64(rows, 0), gd_max_i64(cols, 0)};
}

static int keep(gd_rect r, gd_rect *parts, int count)
{
    if (gd_rect_empty(r))
        return count;
    parts[count] = r;
    return count + 1;
}

int gd_rect_subtract(gd_rect a, gd_rect b, gd_rect parts[4])
{
    gd_rect c = gd_rect_intersect(a, b);
    if (gd_rect_empty(c))
        return keep(a, parts, 0);
    int count = keep((gd_rect){a.y, a.x, c.y - a.y, a.cols}, parts, 0);
    count = keep((gd_rect){c.y, a.x, c.rows, c.x - a.x}, parts, count);
    count = keep((gd_rect){c.y, c.x + c.cols, c.rows, a.x + a.cols - c.x - c.cols}, parts, count);
    return keep((gd_rect){c.y + c.rows, a.x, a.y + a.rows - c.y - c.rows, a.cols}, parts, count);
}

int gd_rect_unwrap(gd_rect r, int64_t rows, int64_t cols, gd_rect parts[4], gd_rect at[4])
{
    int count = 0;
    int64_t top = gd_min_i64(r.rows, rows - r.y), left = gd_min_i64(r.cols, cols - r.x);
    int64_t heights[2] = {top, r.rows - top}, widths[2] = {left, r.cols - left};
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            if (heights[i] <= 0 || widths[j] <= 0)
                continue;
            parts[count] = (gd_rect){i ? 0 : r.y, j ? 0 : r.x, heights[i], widths[j]};
            at[count++] = (gd_rect){i ? top : 0, j ? left : 0, heights[i], widths[j]};
        }
    }
    return count;
}
