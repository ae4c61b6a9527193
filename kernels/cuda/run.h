/* Runs compiled tapes; see backend.h. */
#ifndef GD_KERNELS_CUDA_RUN_H
#define GD_KERNELS_CUDA_RUN_H

#include "kernels/cuda/cuda.h"

gd_status gd_cuda_run(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                      float *gradient, gd_error *error) GD_CHECKED;
/* For tests: whole windows with or without CUDA graphs. */
void gd_cuda_use_graphs(gd_device *device, bool use);

#endif
