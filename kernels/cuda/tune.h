/* Chooses engines of cuDNN for the convolutions of a tape by timing them on the device. Not collective. */
#ifndef GD_KERNELS_CUDA_TUNE_H
#define GD_KERNELS_CUDA_TUNE_H

#include "kernels/cuda/cuda.h"

/* Bytes of device memory for the largest convolution of a tape, workspace included. */
int64_t gd_cuda_tuning_bytes(const gd_device *device, const gd_tape *tape);

/* Adds the fastest engine of operation o, a convolution that is no product, to the record and to what was
 * timed, unless they have it. Where that engine leaves a part of the epilogue to a kernel of ours, engines
 * that are compiled at run time are tried too: one that is faster than both together, and computes the same,
 * is taken instead. `memory` has gd_cuda_tuning_bytes. The caller holds the device's lock. */
gd_status gd_cuda_tune(gd_device *device, const gd_tape *tape, int32_t o, char *memory,
                       gd_error *error) GD_CHECKED;

#endif
