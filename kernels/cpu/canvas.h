/* Update, moments and resampling of the canvas on processors; see backend.h. */
#ifndef GD_KERNELS_CPU_CANVAS_H
#define GD_KERNELS_CPU_CANVAS_H

#include "kernels/cpu/cpu.h"

gd_status gd_cpu_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                         double sums[2], gd_error *error) GD_CHECKED;
gd_status gd_cpu_update(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                        gd_error *error) GD_CHECKED;
gd_status gd_cpu_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                          const float *source, gd_rect source_at, float *target, gd_rect target_at,
                          int64_t target_stride, gd_error *error) GD_CHECKED;
gd_status gd_cpu_roughness(gd_device *device, const float *source, gd_rect source_at, gd_extent canvas,
                           float *target, gd_rect target_at, gd_error *error) GD_CHECKED;

#endif
