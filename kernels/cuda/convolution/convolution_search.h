/* Candidates: the engines that can compute a convolution. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_SEARCH_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_SEARCH_H

#include "base/status.h"
#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/cudnn_handle.h"

/* Lists at most `capacity` candidates, best first: deterministic engines that finalize on this device, with
 * at most `budget` bytes of workspace. Those on tensor cores come first (none of them for fp32 without tf32);
 * otherwise the order is that of cuDNN's heuristics, mode A and then mode fallback; for shapes that may be
 * compiled at run time all other engines follow, by their index. choices[capacity] receives *count of them.
 * GD_BACKEND, naming the shape, if there is none. */
gd_status gd_conv_candidates(gd_cudnn *cudnn, const gd_conv_shape *shape, int64_t budget,
                             gd_conv_choice *choices, int32_t capacity, int32_t *count,
                             gd_error *error) GD_CHECKED;

#endif
