/* Access to tensors for tests: the entries `get` and `set` of gd_backend (kernels/backend.h). */
#ifndef GD_KERNELS_CUDA_ACCESS_H
#define GD_KERNELS_CUDA_ACCESS_H

#include "kernels/cuda/cuda.h"

/* values: dense [channels, rows, cols] in host memory. Both wait for the copy. After a failure, `get` returns
 * NaN everywhere, and the tensor of `set` is undefined. */
void gd_cuda_get(const gd_program *program, const void *arena, int32_t tensor, double *values);
void gd_cuda_set(const gd_program *program, void *arena, int32_t tensor, const double *values);

#endif
