/* Arithmetic on the canvas: the entries `moments`, `update`, `blend`, `resample`, `noise`, `samples` and
 * `finish` of gd_backend (kernels/backend.h), with its shapes. Pointers are to device memory, except `sums`
 * and the resamplers. `moments` and `finish` wait for the device; the others queue their work on
 * device->compute and return. GD_BACKEND names the failed call. `moments` and `finish` also report failures
 * of work that was queued before, among them activations and gradients that are not finite. */
#ifndef GD_KERNELS_CUDA_CANVAS_H
#define GD_KERNELS_CUDA_CANVAS_H

#include "kernels/cuda/cuda.h"

/* Sum and sum of squares of a rectangle of the gradient, [rows, cols, 3] with `stride` floats from row to
 * row. */
gd_status gd_cuda_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols,
                          int64_t stride, double sums[2], gd_error *error) GD_CHECKED;
/* canvas[count] = clip(canvas + step * gradient, -1, 1). */
gd_status gd_cuda_blend(gd_device *device, float *dream, const float *input, int64_t pixels, float strength,
                        bool luma, gd_error *error) GD_CHECKED;
gd_status gd_cuda_update(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                         gd_error *error) GD_CHECKED;
/* Resamples rectangle source_at of the old canvas, dense, to rectangle target_at of the new one. GD_USAGE if
 * the weights of one target do not fit into a block of the feed. */
gd_status gd_cuda_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                           const float *source, gd_rect source_at, float *target, gd_rect target_at,
                           int64_t target_stride, gd_error *error) GD_CHECKED;
/* Noise for rectangle `at` of the canvas, dense [rows, cols, 3]. */
gd_status gd_cuda_noise(gd_device *device, uint64_t seed, gd_rect at, double deviation, float *values,
                        gd_error *error) GD_CHECKED;
/* Converts values[count] in [-1, 1] to samples of 8 or 16 bits. */
gd_status gd_cuda_samples(gd_device *device, const float *values, int64_t count, int32_t bits, void *samples,
                          gd_error *error) GD_CHECKED;
/* Waits until all work queued on device->compute is done, at most device->patience seconds; reports its first
 * failure. */
gd_status gd_cuda_finish(gd_device *device, gd_error *error) GD_CHECKED;

#endif
