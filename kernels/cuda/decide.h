/* Choice of the engine of each convolution; see backend.h. */
#ifndef GD_KERNELS_CUDA_DECIDE_H
#define GD_KERNELS_CUDA_DECIDE_H

#include "kernels/cuda/cuda.h"

gd_status gd_cuda_decide(gd_device *device, const gd_tape *tape, bool tune, gd_error *error) GD_CHECKED;
const char *gd_cuda_decided(const gd_device *device);
gd_status gd_cuda_adopt(gd_device *device, const char *record, gd_error *error) GD_CHECKED;
/* The choice for a shape: from the record, or, if none was ever decided, cuDNN's first candidate. Not while
 * another thread compiles (the caller has the lock). */
gd_status gd_cuda_choose(gd_device *device, const gd_conv_shape *shape, gd_conv_choice *choice,
                         gd_error *error) GD_CHECKED;

#endif
