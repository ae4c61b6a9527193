/* What follows from the description of a convolution alone. */
#include "kernels/cuda/convolution/convolution.h"

bool gd_conv_wants_tensor_cores(const gd_conv_shape *shape)
{
    return shape->type != GD_CUDA_F32 || shape->tf32;
}
