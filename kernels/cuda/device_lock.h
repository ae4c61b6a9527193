/* The lock on a device's stream. */
#ifndef GD_KERNELS_CUDA_DEVICE_LOCK_H
#define GD_KERNELS_CUDA_DEVICE_LOCK_H

#include "kernels/cuda/cuda.h"

/* Begins to queue on `compute`: takes the lock, and makes the device current for this thread. */
gd_status gd_cuda_begin(gd_device *device, gd_error *error) GD_CHECKED;
/* Lets go of the lock; hands `status` on. When that is a failure, what was queued before it is waited for:
 * memory may be freed then. */
gd_status gd_cuda_end(gd_device *device, gd_status status) GD_CHECKED;

#endif
