/* The fastest engine for a convolution, timed on the device at hand, and what is remembered of it. Called on
 * rank 0 alone: the others adopt its choices. */
#ifndef GD_CUDA_CONVOLUTION_AUTOTUNE_H
#define GD_CUDA_CONVOLUTION_AUTOTUNE_H

#include "kernels/cuda/convolution/choices.h"
#include "kernels/cuda/convolution/convolution_plan.h"

/* Device memory large enough for the shape, and its plan's workspace; what it holds does not matter, and
 * changes. */
typedef struct gd_conv_buffers {
    void *x;
    const void *w, *bias;
    void *y, *workspace;
    int64_t workspace_bytes;
} gd_conv_buffers;

/* Seconds that one run of the plan takes; INFINITY: it does not run. */
typedef gd_status (*gd_conv_timer)(void *context, gd_cudnn *cudnn, const gd_conv_plan *plan,
                                   const gd_conv_buffers *buffers, double *seconds, gd_error *error);

/* By events on the stream of `cudnn`: the best of five, after one to warm up. Waits for it. No context. An
 * engine that cuDNN refuses to start, with the device as well as before, is one that does not run. */
gd_status gd_conv_time(void *context, gd_cudnn *cudnn, const gd_conv_plan *plan,
                       const gd_conv_buffers *buffers, double *seconds, gd_error *error) GD_CHECKED;

/* The choice for a shape: the one in `known`, if it is within the workspace and can still be made, else the
 * fastest of the candidates, which is then added to `known`; GD_BACKEND where none runs. Of those within 2 %
 * of the fastest the first in the candidates' order wins, so that noise changes little. */
gd_status gd_autotune(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_buffers *buffers,
                      gd_conv_timer timer, void *context, gd_choices *known, gd_conv_choice *choice,
                      gd_error *error) GD_CHECKED;

#endif
