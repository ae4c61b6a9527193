/* Compiled tapes: the entries `compile` and `free` of gd_backend (kernels/backend.h). */
#ifndef GD_KERNELS_CUDA_PROGRAM_H
#define GD_KERNELS_CUDA_PROGRAM_H

#include "kernels/cuda/cuda.h"

/* Makes a plan for each convolution and the memory plan of the arena. `tape` is borrowed and must outlive the
 * program, which the caller frees. GD_USAGE for a tensor of 2^31 values or more, GD_BACKEND if a convolution
 * has no engine. */
gd_status gd_cuda_compile(gd_device *device, const gd_tape *tape, gd_program **program,
                          gd_error *error) GD_CHECKED;
void gd_cuda_program_free(gd_program *program); /* NULL is fine */

#endif
