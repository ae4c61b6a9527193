/* Autotuning: finds the fastest engine for a convolution by timing it on this device. Not collective: rank 0
 * alone calls it, and the other ranks adopt its choices. */
#ifndef GD_CUDA_CONVOLUTION_AUTOTUNE_H
#define GD_CUDA_CONVOLUTION_AUTOTUNE_H

#include "kernels/cuda/convolution/choices.h"
#include "kernels/cuda/convolution/convolution_plan.h"

/* Work to be timed: queues it on the stream. `context` is the caller's. */
typedef gd_status (*gd_timed_run)(void *context, gd_error *error);

/* The minimum of five runs after a warm-up, measured by events on `stream`, which it waits for. *seconds is
 * INFINITY if the work is refused and the stream still works; GD_BACKEND if the device fails. */
gd_status gd_time_runs(cudaStream_t stream, gd_timed_run run, void *context, double *seconds,
                       gd_error *error) GD_CHECKED;
/* Whether what takes `seconds` is faster than what takes `than`, by more than times vary (2 %). */
bool gd_time_is_less(double seconds, double than);

/* Measures the seconds of one run of the plan; INFINITY if it cannot run. The contents of the buffers are
 * arbitrary and are overwritten. `context` is the caller's. */
typedef gd_status (*gd_conv_timer)(void *context, gd_cudnn *cudnn, const gd_conv_plan *plan,
                                   const gd_conv_buffers *buffers, double *seconds, gd_error *error);

/* A gd_conv_timer: gd_time_runs of the plan, on the stream of `cudnn`. `context` is not used. */
gd_status gd_conv_time(void *context, gd_cudnn *cudnn, const gd_conv_plan *plan,
                       const gd_conv_buffers *buffers, double *seconds, gd_error *error) GD_CHECKED;

/* Finds the choice for a shape: that in `known` if it fits the workspace and a plan can still be made from
 * it, else the fastest candidate, which is added to `known`. Of the candidates within 2 % of the fastest, the
 * first in order wins, so that noise rarely changes the choice. GD_BACKEND if no candidate runs. */
gd_status gd_autotune(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_buffers *buffers,
                      gd_conv_timer timer, void *context, gd_choices *known, gd_conv_choice *choice,
                      gd_error *error) GD_CHECKED;

#endif
