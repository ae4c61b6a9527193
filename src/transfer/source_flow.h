/* The optical flow of a frame as a canvas. */
#ifndef GD_TRANSFER_SOURCE_FLOW_H
#define GD_TRANSFER_SOURCE_FLOW_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "image/warp_point.h"
#include "mpi/comm.h"

/* Reads the flow of a frame of size `frame` on rank 0, resamples it to the canvas, and scatters it in bands:
 * each pixel becomes its offsets, as gd_flow_row says. *offsets: their bounds, on all ranks. GD_USAGE if one
 * is farther than GD_OFFSET_MOST. Collective. */
gd_status gd_source_flow(gd_comm *comm, const char *path, gd_extent frame, gd_canvas *canvas,
                         gd_offsets *offsets, gd_error *error) GD_CHECKED;

#endif
