/* Rectangles of pixels in 64-bit global coordinates. */
#ifndef GD_BASE_RECT_H
#define GD_BASE_RECT_H

#include <stdbool.h>
#include <stdint.h>

/* Rows [y, y + rows) and columns [x, x + cols). */
typedef struct gd_rect {
    int64_t y, x, rows, cols;
} gd_rect;

static inline bool gd_rect_empty(gd_rect r)
{
    return r.rows <= 0 || r.cols <= 0;
}

static inline int64_t gd_rect_area(gd_rect r)
{
    return gd_rect_empty(r) ? 0 : r.rows * r.cols;
}

/* `r` moved by y rows and x columns. */
static inline gd_rect gd_rect_move(gd_rect r, int64_t y, int64_t x)
{
    return (gd_rect){r.y + y, r.x + x, r.rows, r.cols};
}

static inline bool gd_rect_same(gd_rect a, gd_rect b)
{
    return a.y == b.y && a.x == b.x && a.rows == b.rows && a.cols == b.cols;
}

/* A size in pixels. */
typedef struct gd_extent {
    int64_t rows, cols;
} gd_extent;

static inline bool gd_extent_same(gd_extent a, gd_extent b)
{
    return a.rows == b.rows && a.cols == b.cols;
}

static inline int64_t gd_extent_area(gd_extent e)
{
    return e.rows * e.cols;
}

/* The intersection; empty (rows or cols 0) if a and b are disjoint. */
gd_rect gd_rect_intersect(gd_rect a, gd_rect b);

/* a without b as at most four disjoint rectangles (top, left, right, bottom), in that order. Returns how
 * many. */
int gd_rect_subtract(gd_rect a, gd_rect b, gd_rect parts[4]);

/* Splits a rectangle on the torus of rows x cols pixels (0 <= y < rows, 0 <= x < cols; it may wrap around
 * once) into at most four rectangles that do not wrap. parts[i] is in canvas coordinates, at[i] holds its
 * offset (y, x) inside `r`. Returns how many. */
int gd_rect_unwrap(gd_rect r, int64_t rows, int64_t cols, gd_rect parts[4], gd_rect at[4]);

#endif
