/* Which convolutions run without tensor cores: the entry `demotion` of gd_backend (kernels/backend.h). */
#ifndef GD_KERNELS_CUDA_DEMOTED_H
#define GD_KERNELS_CUDA_DEMOTED_H

#include "kernels/cuda/cuda.h"

/* Counts the convolutions of a tape whose engine, in the record or chosen as by gd_cuda_choose, is not on
 * tensor cores; none in fp32, which has none there. GD_BACKEND as gd_cuda_choose. */
gd_status gd_cuda_demotion(gd_device *device, const gd_tape *tape, gd_demotion *demotion,
                           gd_error *error) GD_CHECKED;

#endif
