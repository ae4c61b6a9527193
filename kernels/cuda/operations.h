/* Queues the operations of a tape, one by one. */
#ifndef GD_KERNELS_CUDA_OPERATIONS_H
#define GD_KERNELS_CUDA_OPERATIONS_H

#include "kernels/cuda/cuda.h"

/* Queues operations [first, last) of a program on `arena`. window and gradient are [rows, cols, 3] float32 in
 * device memory, NULL if the range has neither the first nor the last operation. Does not wait. The caller
 * holds the device's lock. */
gd_status gd_cuda_queue(const gd_program *program, void *arena, int32_t first, int32_t last,
                        const float *window, float *gradient, gd_error *error) GD_CHECKED;

#endif
