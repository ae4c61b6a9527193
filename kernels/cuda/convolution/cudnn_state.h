/* The state behind a gd_cudnn. Private to this folder. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CUDNN_STATE_H
#define GD_KERNELS_CUDA_CONVOLUTION_CUDNN_STATE_H

#include "kernels/cuda/convolution/descriptor.h"

#include <cuda_runtime_api.h>

struct gd_cudnn {
    cudnnHandle_t handle; /* owned; NULL for a device that is only described */
    cudaStream_t stream;  /* borrowed */
    gd_descriptors own;
    /* Properties of a device that is only described; `own` owns it. NULL with a handle: engines and
     * heuristics then take the current device, and plans the handle, as NVIDIA's frontend has it. */
    cudnnBackendDescriptor_t device;
};

#endif
