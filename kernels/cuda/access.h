/* Reads and writes tensors as dense doubles [channels, rows, cols]; see backend.h. */
#ifndef GD_KERNELS_CUDA_ACCESS_H
#define GD_KERNELS_CUDA_ACCESS_H

#include "kernels/cuda/cuda.h"

/* For tests. A failure fills the values with NaN. */
void gd_cuda_get(const gd_program *program, const void *arena, int32_t tensor, double *values);
void gd_cuda_set(const gd_program *program, void *arena, int32_t tensor, const double *values);

#endif
