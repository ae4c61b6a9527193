/* Reads a mask into a canvas. */
#ifndef GD_TRANSFER_SOURCE_MASK_H
#define GD_TRANSFER_SOURCE_MASK_H

#include "canvas/canvas.h"
#include "image/mask/mask.h"
#include "mpi/comm.h"

/* Fills a canvas, or a part of one, with the mask resampled to the full canvas, the same value in all three
 * channels. Rank 0 reads `path`, the file of `mask`, row by row; `folder` as in gd_reader_open. *sum: the sum
 * over the pixels of the canvas, on all ranks. Collective. */
gd_status gd_source_mask(gd_comm *comm, const char *path, const char *folder, const gd_mask *mask,
                         gd_canvas *canvas, double *sum, gd_error *error) GD_CHECKED;

#endif
