/* A kernel of ours behind a convolution whose engine or algorithm writes no masks. */
#ifndef GD_KERNELS_CUDA_WRITE_MASK_H
#define GD_KERNELS_CUDA_WRITE_MASK_H

#include "base/status.h"
#include "kernels/cuda/elementwise/launch.h"

/* Queues mask = (results > 0), all in device memory; sets *overflow as gd_launch_seams does. */
gd_status gd_cuda_write_mask(gd_cuda_type type, gd_cuda_slice results, gd_cuda_mask mask, int32_t *overflow,
                             cudaStream_t stream, gd_error *error) GD_CHECKED;

#endif
