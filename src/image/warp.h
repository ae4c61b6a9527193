/* Affine maps of a picture onto itself: zoom, rotation and shift about its middle. */
#ifndef GD_IMAGE_WARP_H
#define GD_IMAGE_WARP_H

#include "base/rect.h"
#include "image/warp_point.h"

#include <stdbool.h>
#include <stdint.h>

/* How a frame moves to the next one. */
typedef struct gd_motion {
    double zoom;             /* what is shown grows by this factor, about the middle; above 0 */
    double rotate;           /* what is shown turns to the left by degrees, about the middle */
    double shift_x, shift_y; /* what is shown moves right and down, in pixels */
} gd_motion;

/* False: the next frame is the same picture. */
bool gd_motion_moves(const gd_motion *motion);

/* The map of a motion of a picture of `extent`: first the zoom and the rotation, then the shift. */
gd_warp gd_warp_of(const gd_motion *motion, gd_extent extent);

/* The samples of the old picture that a rectangle of the new one needs, those beyond the edges left out. Not
 * empty. */
gd_rect gd_warp_source(const gd_warp *warp, gd_rect target);

/* At most the rows and columns of gd_warp_source for a rectangle of rows x cols. */
gd_extent gd_warp_most(const gd_warp *warp, gd_extent target);

#endif
