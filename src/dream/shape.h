/* Shapes the gradient of a step before the canvas follows it. */
#ifndef GD_DREAM_SHAPE_H
#define GD_DREAM_SHAPE_H

#include "base/status.h"
#include "dream/execute.h"

typedef struct gd_shaped {
    gd_canvas_role role; /* its plane has the gradient */
    double deviation;    /* of it, before its bands are divided and the total variation is subtracted; with a
                            mask, where it is not
                            black */
    double divisor;      /* of the step's size: deviation + 1e-8, or 1 if the gradient is divided already */
} gd_shaped;

/* Shapes the gradients in GD_ROLE_OTHER of all parts as the step's parameters say. `deviation`: theirs, of
 * all parts together. All is computed by the coordinates of each part's canvas, so that it depends neither on
 * roll, tiles nor ranks; beyond the edges the last pixels count. Canvases are only read. With
 * masks in GD_ROLE_MASK, what shapes takes gradients for 0 where they are black. Collective. */
gd_status gd_shape_gradients(const gd_execution *execution, const gd_step_parameters *step, double deviation,
                             gd_shaped *shaped, gd_error *error) GD_CHECKED;

/* canvas = clip(canvas + step_size * gradient / divisor, -1, 1) of a part; with a mask, its multiple of that.
 * Not collective. */
gd_status gd_shape_update(const gd_execution *execution, int32_t part, const gd_shaped *shaped,
                          double step_size, gd_error *error) GD_CHECKED;

/* The deviation of several parts together. */
double gd_shape_together(const double *deviations, int32_t parts);

#endif
