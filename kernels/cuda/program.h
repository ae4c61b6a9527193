/* Compiles tapes for GPUs; see backend.h. */
#ifndef GD_KERNELS_CUDA_PROGRAM_H
#define GD_KERNELS_CUDA_PROGRAM_H

#include "kernels/cuda/cuda.h"

gd_status gd_cuda_compile(gd_device *device, const gd_tape *tape, gd_program **program,
                          gd_error *error) GD_CHECKED;
void gd_cuda_program_free(gd_program *program);

#endif
