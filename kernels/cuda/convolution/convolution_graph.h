/* The operation graph of a convolution, as cuDNN sees it. Private to this folder, and to the stand-in of the
 * tests. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_GRAPH_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_GRAPH_H

#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/descriptor.h"

/* Names of the tensors within a graph. The first five are real memory, in the variant pack; the others are
 * values between two operations, which no memory holds. */
typedef enum gd_conv_uid {
    GD_UID_X = 1,
    GD_UID_W = 2,
    GD_UID_BIAS = 3,
    GD_UID_Y = 4,
    GD_UID_BEFORE = 5,  /* what y held before, in the same place */
    GD_UID_SUM = 10,    /* w * x */
    GD_UID_SUMMED = 12, /* w * x + y */
    GD_UID_BIASED = 11  /* all that there is before the ReLU */
} gd_conv_uid;

/* The operation graph of a shape; NULL when all->status says why. */
cudnnBackendDescriptor_t gd_conv_graph(gd_descriptors *all, const gd_conv_shape *shape);

#endif
