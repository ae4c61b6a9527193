/* Shapes of convolutions for the operations of a tape. No other file of this folder knows tapes. */
#ifndef GD_CUDA_CONVOLUTION_SHAPES_H
#define GD_CUDA_CONVOLUTION_SHAPES_H

#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/epilogue.h"
#include "net/tape.h"

/* Channels of a tensor, or of a slice, in device memory: rounded up to a multiple of 8. Only the picture's 3
 * are not one; the added channels are zero in tensors and filters. */
int32_t gd_stored_channels(int32_t channels);

/* The epilogue of a convolution, forward or backward, and how the first of the allowed `ways` (of
 * gd_conv_way) does it: decided here and nowhere else. No way if none can. */
gd_epilogue gd_conv_epilogue_of(const gd_op *op, unsigned ways);

/* The shape of a convolution of cuDNN, forward or backward, with what is fused of its epilogue.
 * Forward: y is op->dst in its tensor. Backward: y is op->src, and x is op->dst in its tensor; but if the
 * sum comes after it, x is a dense scratch buffer of gd_conv_scratch_bytes, which gd_launch_combine adds to
 * the tensor and masks. By engines that are compiled in advance. */
gd_conv_shape gd_conv_shape_of(const gd_tape *tape, const gd_op *op, gd_cuda_type type, bool tf32);

/* The same by either of cuDNN's ways, without the mask's place, and where x and y begin in their tensors: in
 * windows that shrink a convolution may read a part of what is there. */
typedef struct gd_conv_parts {
    gd_conv_shape shape;
    int32_t x_row, x_col, y_row, y_col;
} gd_conv_parts;

gd_conv_parts gd_conv_parts_of(const gd_tape *tape, const gd_op *op, gd_conv_way way, gd_cuda_type type,
                               bool tf32);

/* Bytes of scratch that an operation needs in addition to the workspace of its plan; 0 for most. */
size_t gd_conv_scratch_bytes(const gd_tape *tape, const gd_op *op, gd_cuda_type type);

#endif
