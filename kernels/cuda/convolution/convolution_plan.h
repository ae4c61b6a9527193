/* Execution plans of cuDNN: made from a choice, then run. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_PLAN_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_PLAN_H

#include "base/status.h"
#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/cudnn_handle.h"

/* An execution plan that is ready to run. */
typedef struct gd_conv_plan gd_conv_plan;

/* Makes the plan with exactly the engine and knobs of `choice`; the caller frees it, before closing `cudnn`.
 * GD_BACKEND, naming shape and choice, if this device cannot run it, if its notes exclude it, or if it needs
 * more than choice->workspace. */
gd_status gd_conv_plan_create(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_choice *choice,
                              gd_conv_plan **plan, gd_error *error) GD_CHECKED;
/* The same with any engine, also one that is compiled at run time: for measurements, as no render takes it.
 */
gd_status gd_conv_plan_try(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_choice *choice,
                           void *mask, gd_conv_plan **plan, gd_error *error) GD_CHECKED;
void gd_conv_plan_free(gd_conv_plan *plan);

/* cuDNN's JSON text of the plan (CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION); equal texts mean equal
 * plans. The caller frees *json. */
gd_status gd_conv_plan_json(const gd_conv_plan *plan, char **json, gd_error *error) GD_CHECKED;

/* Queues the convolution on the stream of `cudnn`. All pointers are to device memory: x and y to the first
 * channel of their slices, `bias` is NULL if the shape has none, `workspace` has choice->workspace bytes and
 * is aligned to 256. Can be captured into a CUDA graph. GD_BACKEND if cuDNN does not start it. */
gd_status gd_conv_plan_run(gd_cudnn *cudnn, const gd_conv_plan *plan, void *x, const void *w,
                           const void *bias, void *y, void *workspace, gd_error *error) GD_CHECKED;

#endif
