/* Arithmetic on the canvas: the entries `update`, `blend`, `mix`, `roughness`, `resample`, `warp`, `noise`
 * and `samples` of gd_backend (kernels/backend.h), with its shapes. Pointers are to device memory, except the
 * resamplers. All queue their work on device->compute and return. GD_BACKEND names the failed call. */
#ifndef GD_KERNELS_CUDA_CANVAS_H
#define GD_KERNELS_CUDA_CANVAS_H

#include "kernels/cuda/cuda.h"

/* canvas[count] = clip(canvas + step * gradient, -1, 1). */
gd_status gd_cuda_update(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                         gd_error *error) GD_CHECKED;
gd_status gd_cuda_blend(gd_device *device, float *dream, const float *input, int64_t pixels, float strength,
                        bool luma, gd_error *error) GD_CHECKED;
gd_status gd_cuda_mix(gd_device *device, float *to, int64_t to_stride, const float *from, int64_t from_stride,
                      int64_t rows, int64_t floats, float keep, float factor, gd_error *error) GD_CHECKED;
/* Both over `pixels` pixels, with a mask of one value each. */
gd_status gd_cuda_mask_update(gd_device *device, float *canvas, const float *gradient, const float *mask,
                              int64_t pixels, double step, gd_error *error) GD_CHECKED;
gd_status gd_cuda_mask_keep(gd_device *device, float *canvas, const float *input, const float *mask,
                            int64_t pixels, gd_error *error) GD_CHECKED;
gd_status gd_cuda_roughness(gd_device *device, const float *source, gd_rect source_at, gd_extent canvas,
                            float *target, gd_rect target_at, gd_error *error) GD_CHECKED;
/* Resamples rectangle source_at of the old canvas, dense, to rectangle target_at of the new one. GD_USAGE if
 * the weights of one target do not fit into a block of the feed. */
gd_status gd_cuda_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                           const float *source, gd_rect source_at, float *target, gd_rect target_at,
                           int64_t target_stride, gd_error *error) GD_CHECKED;
/* Warps rectangle source_at of the old canvas, dense, to rectangle target_at of the new one. */
gd_status gd_cuda_warp(gd_device *device, const gd_warp *warp, const float *offsets, const float *source,
                       gd_rect source_at, float *target, gd_rect target_at, int64_t target_stride,
                       gd_error *error) GD_CHECKED;
/* Noise for rectangle `at` of the canvas, dense [rows, cols, 3]. */
gd_status gd_cuda_noise(gd_device *device, uint64_t seed, gd_rect at, double deviation, float *values,
                        gd_error *error) GD_CHECKED;
/* Converts values[count] in [-1, 1] to samples of 8 or 16 bits. */
gd_status gd_cuda_samples(gd_device *device, const float *values, int64_t count, int32_t bits, void *samples,
                          gd_error *error) GD_CHECKED;

#endif
