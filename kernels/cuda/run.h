/* Execution of compiled tapes: the entry `run` of gd_backend (kernels/backend.h). */
#ifndef GD_KERNELS_CUDA_RUN_H
#define GD_KERNELS_CUDA_RUN_H

#include "kernels/cuda/cuda.h"

/* Queues operations [first, last) on `arena`; window and gradient are [rows, cols, 3] float32 in device
 * memory. Does not wait; failures of queued work are reported by gd_cuda_finish. GD_INTERNAL without weights.
 */
gd_status gd_cuda_run(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                      float *gradient, gd_error *error) GD_CHECKED;
/* For tests: turns CUDA graphs for whole windows on or off. */
void gd_cuda_use_graphs(gd_device *device, bool use);

#endif
