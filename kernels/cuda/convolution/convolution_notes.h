/* cuDNN's notes about its engines. Private to this folder. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_NOTES_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_NOTES_H

#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/descriptor.h"

/* Notes of an engine: bit n is set if it has note n of cudnnBackendNumericalNote_t or
 * cudnnBackendBehaviorNote_t. */
typedef struct gd_engine_notes {
    uint64_t numerical, behaviour;
} gd_engine_notes;

/* Reads the notes of a finalized engine; a failure is in all->status. */
gd_engine_notes gd_engine_notes_read(gd_descriptors *all, cudnnBackendDescriptor_t engine);
/* Whether the engine uses tensor cores. */
bool gd_engine_on_tensor_cores(gd_engine_notes notes);
/* Whether an engine with these notes must not be used for the shape. */
bool gd_engine_ruled_out(const gd_conv_shape *shape, gd_engine_notes notes);

#endif
