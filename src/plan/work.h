/* What the steps of octaves take beside each other: for the time that is left. Arithmetic alone. */
#ifndef GD_PLAN_WORK_H
#define GD_PLAN_WORK_H

#include "base/status.h"
#include "dream/octave.h"
#include "engine/engine.h"

#include <stdint.h>

/* Pixels of windows, halos included, that the rank with most of the octave's ranks computes one after the
 * other in a step: the mean of its first and its last step, which differ where the tile size changes. The
 * time of a step is in proportion to it. Not collective. */
gd_status gd_work_step(const gd_engine *engine, const gd_render_parameters *parameters,
                       const gd_octave *octave, double *mean, gd_error *error) GD_CHECKED;

/* The same of all steps that are to come: from the first on, or where a render goes on. Not collective. */
gd_status gd_work_left(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                       double *left, gd_error *error) GD_CHECKED;

#endif
