/* Description of a device: precision, libraries and GPU. */
#ifndef GD_KERNELS_CUDA_DESCRIBE_H
#define GD_KERNELS_CUDA_DESCRIBE_H

#include "kernels/cuda/cuda.h"

/* Updates device->text, which the backend's `describe` returns. */
void gd_cuda_write_text(gd_device *device);

#endif
