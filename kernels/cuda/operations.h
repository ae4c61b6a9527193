/* Queues the operations of a tape, one by one. */
#ifndef GD_KERNELS_CUDA_OPERATIONS_H
#define GD_KERNELS_CUDA_OPERATIONS_H

#include "kernels/cuda/cuda.h"

/* Queues operations [first, last); the caller has the lock. */
gd_status gd_cuda_queue(const gd_program *program, void *arena, int32_t first, int32_t last,
                        const float *window, float *gradient, gd_error *error) GD_CHECKED;

#endif
