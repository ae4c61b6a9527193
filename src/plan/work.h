/* Relative work of the steps of octaves, for the estimate of the remaining time. Arithmetic only. */
#ifndef GD_PLAN_WORK_H
#define GD_PLAN_WORK_H

#include "base/status.h"
#include "dream/octave.h"
#include "engine/engine.h"

#include <stdint.h>

/* Work of a step, proportional to its time: pixels of windows, halos included, that the rank with the most
 * computes in sequence; tiles that a mask leaves out do not count. It is the mean of the octave's first and
 * last step, which differ if the tile size changes. Not collective. */
gd_status gd_work_step(const gd_engine *engine, const gd_render_parameters *parameters,
                       const gd_octave *octave, double *mean, gd_error *error) GD_CHECKED;

/* Work of all remaining steps: from the first one, or from the resume point. Not collective. */
gd_status gd_work_left(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                       double *left, gd_error *error) GD_CHECKED;

#endif
