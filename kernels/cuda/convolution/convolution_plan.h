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
void gd_conv_plan_free(gd_conv_plan *plan);

/* cuDNN's JSON text of the plan (CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION); equal texts mean equal
 * plans. The caller frees *json. */
gd_status gd_conv_plan_json(const gd_conv_plan *plan, char **json, gd_error *error) GD_CHECKED;

/* What a plan reads and writes; all borrowed, all in device memory. */
typedef struct gd_conv_buffers {
    void *x; /* x and y: the first channel of their slices */
    const void *w, *bias;
    void *y, *mask;  /* bias and mask are not looked at where the shape has none */
    void *workspace; /* aligned to 256 */
    int64_t workspace_bytes;
} gd_conv_buffers;

/* Queues the convolution on the stream of `cudnn`. The workspace must have choice->workspace bytes. Can be
 * captured into a CUDA graph. GD_BACKEND if cuDNN does not start it. */
gd_status gd_conv_plan_run(gd_cudnn *cudnn, const gd_conv_plan *plan, const gd_conv_buffers *buffers,
                           gd_error *error) GD_CHECKED;

#endif
