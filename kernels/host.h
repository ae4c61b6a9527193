/* Table entries shared by the backends that compute in host memory: they are always available, their memory
 * is the host's, and nothing is queued. Arguments and errors are those of gd_backend (backend.h). */
#ifndef GD_KERNELS_HOST_H
#define GD_KERNELS_HOST_H

#include "kernels/backend.h"

gd_status gd_host_available(gd_error *error) GD_CHECKED;
void gd_host_facts(const gd_device *device, gd_device_facts *facts);
gd_memory *gd_host_memory(const gd_device *device);
gd_status gd_host_blend(gd_device *device, float *dream, const float *input, int64_t pixels, float strength,
                        bool luma, gd_error *error) GD_CHECKED;
gd_status gd_host_mix(gd_device *device, float *to, int64_t to_stride, const float *from, int64_t from_stride,
                      int64_t rows, int64_t floats, float keep, float factor, gd_error *error) GD_CHECKED;
gd_status gd_host_mask_moments(gd_device *device, const float *gradient, const float *mask, int64_t pixels,
                               double sums[2], gd_error *error) GD_CHECKED;
gd_status gd_host_mask_update(gd_device *device, float *canvas, const float *gradient, const float *mask,
                              int64_t pixels, double step, gd_error *error) GD_CHECKED;
gd_status gd_host_mask_keep(gd_device *device, float *canvas, const float *input, const float *mask,
                            int64_t pixels, gd_error *error) GD_CHECKED;
/* One row of the gradient of the total variation, for pixels [x, x + cols) of row y. */
void gd_host_roughness_row(const float *source, gd_rect source_at, gd_extent canvas, int64_t y, int64_t x,
                           int64_t cols, float *target);
gd_status gd_host_warp(gd_device *device, const gd_warp *warp, const float *offsets, const float *source,
                       gd_rect source_at, float *target, gd_rect target_at, int64_t target_stride,
                       gd_error *error) GD_CHECKED;
gd_status gd_host_finish(gd_device *device, gd_error *error) GD_CHECKED;

#endif
