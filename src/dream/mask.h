/* What a mask does to a canvas: the deviation of the gradient where it is not black, the update there, and
 * the input where it is black. All planes are on one partition; `mask` has one channel. */
#ifndef GD_DREAM_MASK_H
#define GD_DREAM_MASK_H

#include "base/status.h"
#include "canvas/plane.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* *deviation: sqrt(sum m g^2 / sum m - (sum m g / sum m)^2) over all pixels and channels, with `sum` the sum
 * of the mask over all pixels; 0 on ranks that hold no part of the canvas, which do not wait for it, and
 * where the mask is black all over. The order of sums is that of blocks, the same for any number of ranks and
 * any tiles. gd_comm_prepare_subgroup must have been called for the ranks that hold the canvas. Collective.
 */
gd_status gd_mask_deviation(gd_comm *comm, const gd_engine *engine, const gd_plane *gradient,
                            const gd_plane *mask, double sum, double *deviation, gd_error *error) GD_CHECKED;

/* canvas = clip(canvas + step_size * mask * gradient / divisor, -1, 1). Not collective. */
gd_status gd_mask_update(const gd_engine *engine, gd_plane *canvas, const gd_plane *gradient,
                         const gd_plane *mask, double divisor, double step_size, gd_error *error) GD_CHECKED;

/* gradient = 0 where the mask is 0. Not collective. */
gd_status gd_mask_clear(const gd_engine *engine, gd_plane *gradient, const gd_plane *mask,
                        gd_error *error) GD_CHECKED;

/* canvas = input where the mask is 0. Not collective. */
gd_status gd_mask_keep(const gd_engine *engine, gd_plane *canvas, const gd_plane *input, const gd_plane *mask,
                       gd_error *error) GD_CHECKED;

#endif
