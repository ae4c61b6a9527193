/* Update, moments and resampling of the canvas, computed in double; private to this folder. Arguments, shapes
 * and errors are those of the functions `moments`, `update` and `resample` of gd_backend (kernels/backend.h).
 */
#ifndef GD_KERNELS_REFERENCE_CANVAS_H
#define GD_KERNELS_REFERENCE_CANVAS_H

#include "kernels/backend.h"

/* Sum and sum of squares of a rectangle of the gradient, [rows, cols, 3] with `stride` floats from row to
 * row. */
gd_status gd_reference_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols,
                               int64_t stride, double sums[2], gd_error *error) GD_CHECKED;
/* canvas[count] = clip(canvas + step * gradient, -1, 1). */
gd_status gd_reference_update(gd_device *device, float *canvas, const float *gradient, int64_t count,
                              float step, gd_error *error) GD_CHECKED;
/* Resamples rectangle source_at of the old canvas, dense, to rectangle target_at of the new one. */
gd_status gd_reference_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                                const float *source, gd_rect source_at, float *target, gd_rect target_at,
                                int64_t target_stride, gd_error *error) GD_CHECKED;
gd_status gd_reference_roughness(gd_device *device, const float *source, gd_rect source_at, gd_extent canvas,
                                 float *target, gd_rect target_at, gd_error *error) GD_CHECKED;

#endif
