/* Convolutions by cuDNN: a plan is made from a choice, and run. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_PLAN_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_PLAN_H

#include "base/status.h"
#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/cudnn_handle.h"

/* A plan ready to run. */
typedef struct gd_conv_plan gd_conv_plan;

/* Exactly the engine and knobs of `choice`; GD_BACKEND naming both when this device cannot honour it. */
gd_status gd_conv_plan_create(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_choice *choice,
                              gd_conv_plan **plan, gd_error *error) GD_CHECKED;
void gd_conv_plan_free(gd_conv_plan *plan);

/* The plan in cuDNN's own words (CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION): equal texts are equal plans.
 * The caller frees it. */
gd_status gd_conv_plan_json(const gd_conv_plan *plan, char **json, gd_error *error) GD_CHECKED;

/* Queues the convolution on the stream of `cudnn`. Device memory; x, y of the slice's first channel. bias
 * NULL when the shape has none. workspace has choice.workspace bytes, aligned to 256. Works while a CUDA
 * graph is being captured on that stream. */
gd_status gd_conv_plan_run(gd_cudnn *cudnn, const gd_conv_plan *plan, void *x, const void *w,
                           const void *bias, void *y, void *workspace, gd_error *error) GD_CHECKED;

#endif
