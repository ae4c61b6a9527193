/* Shapes of convolutions for the operations of a tape: the one place where both meet. */
#ifndef GD_CUDA_CONVOLUTION_SHAPES_H
#define GD_CUDA_CONVOLUTION_SHAPES_H

#include "kernels/cuda/convolution/convolution.h"
#include "net/tape.h"

/* Channels that a tensor, or a slice of one, has in device memory: up to a multiple of 8. Only the picture's
 * 3 grow; what is added is zero, in the tensors and in the filters. */
int32_t gd_stored_channels(int32_t channels);

bool gd_is_convolution(const gd_op *op);

/* The shape of a convolution, forward or backward.
 * Forward: y is op->dst in its tensor; an op that accumulates is a shape with `sum`. The ReLU is part of it;
 * the mask is not (gd_launch_mask_of). Backward: y is op->src. x is op->dst in its tensor, unless
 * op->accumulate: then x is dense scratch of gd_conv_scratch_bytes, which gd_launch_combine adds and masks.
 */
gd_conv_shape gd_conv_shape_of(const gd_tape *tape, const gd_op *op, gd_cuda_type type, bool tf32);

/* Of an operation beside the workspace of its plan; 0 for most. */
size_t gd_conv_scratch_bytes(const gd_tape *tape, const gd_op *op, gd_cuda_type type);

#endif
