/* Choice of the engine of each convolution: the entries `decide`, `decided` and `adopt` of gd_backend
 * (kernels/backend.h). Not collective: rank 0 decides, and the others adopt. */
#ifndef GD_KERNELS_CUDA_DECIDE_H
#define GD_KERNELS_CUDA_DECIDE_H

#include "kernels/cuda/cuda.h"

/* Adds choices for the convolutions of a tape to the record: by timing if `tune` and the device is present
 * (then engines that are compiled at run time are tried, too), else the first candidate of cuDNN's
 * heuristics. GD_BACKEND if there is none. */
gd_status gd_cuda_decide(gd_device *device, const gd_tape *tape, bool tune, gd_error *error) GD_CHECKED;
/* The record as text (gd_choices_text), "" if nothing was decided; owned by the device. */
const char *gd_cuda_decided(const gd_device *device);
/* Replaces the record by that text. GD_USAGE if it is damaged. */
gd_status gd_cuda_adopt(gd_device *device, const char *record, gd_error *error) GD_CHECKED;
/* Finds the choice for a shape: in the record, or, if nothing was decided or adopted, cuDNN's first
 * candidate. GD_BACKEND if the record has no entry for it. The caller holds the device's lock. */
gd_status gd_cuda_choose(gd_device *device, const gd_conv_shape *shape, gd_conv_choice *choice,
                         gd_error *error) GD_CHECKED;

#endif
