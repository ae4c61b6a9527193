/* Shapes the gradient of a step before the canvas follows it. */
#ifndef GD_DREAM_SHAPE_H
#define GD_DREAM_SHAPE_H

#include "base/status.h"
#include "dream/execute.h"

typedef struct gd_shaped {
    gd_canvas_role role; /* its plane has the gradient */
    double deviation;    /* of it */
} gd_shaped;

/* Shapes the gradients in GD_ROLE_OTHER of all parts as the step's parameters say. `deviation`: theirs, of
 * all parts together. All is computed by the coordinates of each part's canvas, so that it depends neither on
 * roll, tiles nor ranks; beyond the edges the last pixels count. Canvases are only read. Collective. */
gd_status gd_shape_gradients(const gd_execution *execution, const gd_step_parameters *step, double deviation,
                             gd_shaped *shaped, gd_error *error) GD_CHECKED;

/* The deviation of several parts together. */
double gd_shape_together(const double *deviations, int32_t parts);

#endif
