/* Candidates: the engines that can compute a convolution. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_SEARCH_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_SEARCH_H

#include "base/status.h"
#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/cudnn_handle.h"

/* The candidates in the order in which they are to be tried, best first, at most `room`: deterministic
 * engines only, within `budget` bytes of workspace, that finalize on this device; those on tensor cores first
 * (for fp32 without tf32: none that rounds its inputs down), and otherwise as heuristics mode A has them,
 * then mode fallback. GD_BACKEND, with the shape, when there is none. */
gd_status gd_conv_candidates(gd_cudnn *cudnn, const gd_conv_shape *shape, int64_t budget,
                             gd_conv_choice *choices, int32_t room, int32_t *count,
                             gd_error *error) GD_CHECKED;

#endif
