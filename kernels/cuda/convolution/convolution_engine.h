/* cuDNN's engines and execution plans for an operation graph. Private to this folder. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_ENGINE_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_ENGINE_H

#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "kernels/cuda/convolution/descriptor.h"

/* The engine with the global index `index` for the graph, and an execution plan of an engine with the knobs
 * of a choice. *workspace: bytes that the plan needs. `all` owns both; all->status tells whether they could
 * be made. */
cudnnBackendDescriptor_t gd_conv_engine(gd_descriptors *all, const gd_cudnn *cudnn,
                                        cudnnBackendDescriptor_t graph, int64_t index);
cudnnBackendDescriptor_t gd_conv_build(gd_descriptors *all, const gd_cudnn *cudnn,
                                       cudnnBackendDescriptor_t engine, const gd_conv_choice *choice,
                                       int64_t *workspace);

#endif
