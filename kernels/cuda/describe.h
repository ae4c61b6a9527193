/* The description of a device. */
#ifndef GD_KERNELS_CUDA_DESCRIBE_H
#define GD_KERNELS_CUDA_DESCRIBE_H

#include "kernels/cuda/cuda.h"

/* Writes device->text anew, for the backend's `describe`. */
void gd_cuda_write_text(gd_device *device);

#endif
