/* The lock on a device's compute stream. Calls do not nest. */
#ifndef GD_KERNELS_CUDA_DEVICE_LOCK_H
#define GD_KERNELS_CUDA_DEVICE_LOCK_H

#include "kernels/cuda/cuda.h"

/* Takes the lock, also on failure, and makes the device current for this thread. Work may then be queued on
 * `compute`. */
gd_status gd_cuda_begin(gd_device *device, gd_error *error) GD_CHECKED;
/* Releases the lock and returns `status`. If that is a failure, waits first for all work that was queued, so
 * that the caller may free its memory. */
gd_status gd_cuda_end(gd_device *device, gd_status status) GD_CHECKED;

#endif
