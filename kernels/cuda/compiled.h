/* Convolutions as graphs whose engines cuDNN compiles at run time: such a graph does the whole epilogue,
 * where engines that are compiled in advance leave a part of it to a kernel of ours. They need a driver, so
 * that they are tried on a device only, with --autotune (tune.h), and taken if they are faster. */
#ifndef GD_KERNELS_CUDA_COMPILED_H
#define GD_KERNELS_CUDA_COMPILED_H

#include "kernels/cuda/cuda.h"

/* An operation as such a graph. */
typedef struct gd_cuda_compiled {
    gd_epilogue epilogue; /* no way: it is none */
    gd_conv_shape shape;
} gd_cuda_compiled;

/* None if the other way of cuDNN leaves nothing to a kernel of ours; if the mask is not that of all channels;
 * and forward in fp16 with a mask, whose kernel also notes what is not finite. Takes no note of choices. */
gd_cuda_compiled gd_cuda_compiled_of(const gd_device *device, const gd_tape *tape, int32_t o);

/* The engine that was decided for operation o; NULL: none, so that *compiled is not to be used. Borrowed
 * until the next change of the record. */
const gd_conv_choice *gd_cuda_find_compiled(const gd_device *device, const gd_tape *tape, int32_t o,
                                            gd_cuda_compiled *compiled);

#endif
