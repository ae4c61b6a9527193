/* Files of optical flow: where each pixel of a frame was in the frame before.
 *
 * A .flo file (Middlebury, "Optical flow", http://vision.middlebury.edu/flow/code/flow-code/README.txt) is
 * the float 202021.25, width and height as int32, then for each pixel, row by row, its offset to the right
 * and down as floats; all little-endian. An offset above 1e9, or no number, is unknown there. */
#ifndef GD_IMAGE_FLOW_H
#define GD_IMAGE_FLOW_H

#include "base/rect.h"
#include "base/status.h"

typedef struct gd_flow gd_flow;

/* Opens the flow of a frame of size `frame`, to read it at size `canvas`. GD_USAGE if it cannot be opened, is
 * none, is cut off, or has another size than the frame. The caller closes it. Not collective. */
gd_status gd_flow_open(const char *path, gd_extent frame, gd_extent canvas, gd_flow **flow,
                       gd_error *error) GD_CHECKED;

/* The next row of the canvas, [canvas.cols, 3]: offsets to the right and down in pixels of the canvas, and 0,
 * interpolated linearly from the four nearest pixels of the frame, with edges clamped. Unknown offsets are 0.
 * GD_USAGE if one is farther than `most` pixels, GD_IO if the file cannot be read. */
gd_status gd_flow_row(gd_flow *flow, double most, float *row, gd_error *error) GD_CHECKED;
void gd_flow_close(gd_flow *flow); /* NULL is fine */

#endif
