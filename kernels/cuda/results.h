/* What the host learns of computed gradients: the entries `moments`, `record_event`, `wait_event` and
 * `finish` of gd_backend (kernels/backend.h), with its shapes. GD_BACKEND names the failed call; the failure
 * may be that of work queued earlier, and `finish` also reports activations and gradients that are not
 * finite. */
#ifndef GD_KERNELS_CUDA_RESULTS_H
#define GD_KERNELS_CUDA_RESULTS_H

#include "kernels/cuda/cuda.h"

/* Queues the sum and the sum of squares of a rectangle of the gradient, [rows, cols, 3] with `stride` floats
 * from row to row. They are written by gd_cuda_finish, which is called here if GD_CUDA_SUMS are not written
 * yet. */
gd_status gd_cuda_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols,
                          int64_t stride, double sums[2], gd_error *error) GD_CHECKED;
/* The same of mask * gradient and mask * gradient^2, over `pixels` pixels with a mask of one value each. */
gd_status gd_cuda_mask_moments(gd_device *device, const float *gradient, const float *mask, int64_t pixels,
                               double sums[2], gd_error *error) GD_CHECKED;
/* *event, numbered from 1, passes when all work queued on device->compute so far is done. */
gd_status gd_cuda_record_event(gd_device *device, uint64_t *event, gd_error *error) GD_CHECKED;
/* Waits until it has passed, at most device->patience seconds. */
gd_status gd_cuda_wait_event(gd_device *device, uint64_t event, gd_error *error) GD_CHECKED;
/* Waits until all work queued on device->compute is done, at most device->patience seconds; writes the sums
 * of gd_cuda_moments; reports its first failure, after which no more sums are written. */
gd_status gd_cuda_finish(gd_device *device, gd_error *error) GD_CHECKED;
/* Sums that were not written never will be. */
void gd_cuda_forget_moments(gd_device *device);

#endif
