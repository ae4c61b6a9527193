/* Weights on the device; see backend.h. */
#ifndef GD_KERNELS_CUDA_FILTERS_H
#define GD_KERNELS_CUDA_FILTERS_H

#include "kernels/cuda/cuda.h"
#include "net/fold.h"

size_t gd_cuda_filter_bytes(const gd_device *device, const gd_tape *tape);
gd_status gd_cuda_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                       gd_error *error) GD_CHECKED;

#endif
