/* One step: the gradients of all tiles and their deviation. */
#ifndef GD_DREAM_STEP_H
#define GD_DREAM_STEP_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "mpi/comm.h"
#include "tiling/tile_assignment.h"

#include <stdatomic.h>

typedef struct gd_stepper gd_stepper;

/* Creates a stepper. `threads`: number of windows that this rank computes at the same time. Collective. */
gd_status gd_stepper_create(gd_comm *comm, const gd_engine *engine, int32_t threads, gd_stepper **stepper,
                            gd_error *error) GD_CHECKED;
void gd_stepper_free(gd_stepper *stepper);

/* Sets the stop flag. While *stop is true, gradients are abandoned: gd_step_gradient still does its
 * exchanges, ends early, and its result is undefined. Call it before the first step; not collective. */
void gd_stepper_watch(gd_stepper *stepper, const atomic_bool *stop);

/* Seconds since the last call in which this rank computed windows, including those in which it also exchanged
 * pixels; on a device, those between its first window and the end of its last one's scattering. */
double gd_stepper_busy(gd_stepper *stepper);

/* Fills `gradient` (a plane on the canvas's partition) with the objective's gradient. *deviation: its
 * standard deviation over all pixels and channels; 0 on ranks that hold no part of the canvas, which do not
 * wait for it. gd_comm_prepare_subgroup must have been called for the ranks that hold the canvas. Collective.
 */
gd_status gd_step_gradient(gd_stepper *stepper, const gd_canvas *canvas, const gd_step_parameters *parameters,
                           gd_plane *gradient, double *deviation, gd_error *error) GD_CHECKED;

#endif
