/* Conversion of values between double and the types in which the device stores tensors and filters; on the
 * host. */
#ifndef GD_CUDA_MEMORY_STORED_H
#define GD_CUDA_MEMORY_STORED_H

#include "kernels/cuda/elementwise/launch.h"

#include <stddef.h>

size_t gd_stored_bytes(gd_cuda_type type);     /* of one value */
const char *gd_stored_name(gd_cuda_type type); /* "fp32", "bf16" or "fp16" */

/* Write (rounded to nearest, ties to even) and read value `i` of an array in host memory. */
void gd_stored_set(gd_cuda_type type, void *values, size_t i, double value);
double gd_stored_get(gd_cuda_type type, const void *values, size_t i);

#endif
