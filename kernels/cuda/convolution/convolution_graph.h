/* The operation graph of a convolution in cuDNN's backend API. Private to this folder and to the stand-in
 * device of the tests. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_GRAPH_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_GRAPH_H

#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/descriptor.h"

/* Identifiers of the tensors in a graph. The first seven are in memory, at the addresses in the variant pack;
 * the others are virtual: values between two operations. */
typedef enum gd_conv_uid {
    GD_UID_X = 1,
    GD_UID_W = 2,
    GD_UID_BIAS = 3,
    GD_UID_Y = 4,
    GD_UID_BEFORE = 5,  /* old values of the result, at the same address */
    GD_UID_MASK = 6,    /* one bit for each result */
    GD_UID_ZERO = 7,    /* for a mask that is written: one value, in host memory */
    GD_UID_SUM = 10,    /* w * x, or w transposed * y */
    GD_UID_SUMMED = 12, /* that and the old values */
    GD_UID_BIASED = 11  /* with bias, before the ReLU */
} gd_conv_uid;

/* Makes the operation graph of a shape; `all` owns it. NULL on failure, with the cause in `all`. */
cudnnBackendDescriptor_t gd_conv_graph(gd_descriptors *all, const gd_conv_shape *shape);

#endif
