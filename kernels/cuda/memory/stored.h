/* Values as tensors and filters store them, on the host. */
#ifndef GD_CUDA_MEMORY_STORED_H
#define GD_CUDA_MEMORY_STORED_H

#include "kernels/cuda/elementwise/launch.h"

#include <stddef.h>

size_t gd_stored_bytes(gd_cuda_type type); /* of one value */

/* Value `i` of an array, rounded to the nearest, ties to even. */
void gd_stored_set(gd_cuda_type type, void *values, size_t i, double value);
double gd_stored_get(gd_cuda_type type, const void *values, size_t i);

#endif
