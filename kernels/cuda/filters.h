/* Weights on the device: the entries `filter_bytes` and `load` of gd_backend (kernels/backend.h). */
#ifndef GD_KERNELS_CUDA_FILTERS_H
#define GD_KERNELS_CUDA_FILTERS_H

#include "kernels/cuda/cuda.h"
#include "net/fold.h"

/* Bytes of the one allocation that holds kernels [out, rows, cols, in] and biases [out] of all filters. */
size_t gd_cuda_filter_bytes(const gd_device *device, const gd_tape *tape);
/* Copies values[tape->filter_count] to the device, in its type, and waits. GD_INTERNAL if called twice,
 * GD_MEMORY and GD_BACKEND otherwise. */
gd_status gd_cuda_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                       gd_error *error) GD_CHECKED;

#endif
