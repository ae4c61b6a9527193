/* One step of a dream: gradients of all tiles, then the update of the canvas. */
#ifndef GD_DREAM_STEP_H
#define GD_DREAM_STEP_H

#include "base/status.h"
#include "dream/engine.h"
#include "dream/stage.h"
#include "mpi/comm.h"

#include <stdbool.h>

typedef struct gd_step_parameters {
    int64_t tile, halo; /* pixels; multiples of the objective's stride but under tensorflow */
    int64_t dy, dx;     /* the roll: rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols] */
    double step_size;
    bool tensorflow; /* tiles of --compat tensorflow */
} gd_step_parameters;

typedef struct gd_stepper gd_stepper;

/* `threads`: windows that this rank computes at the same time. Collective. */
gd_status gd_stepper_create(gd_comm *comm, const gd_engine *engine, int32_t threads, gd_stepper **stepper,
                            gd_error *error) GD_CHECKED;
void gd_stepper_free(gd_stepper *stepper);

/* Fills `gradient` (a plane on the stage's layout) with the objective's gradient, and gives the standard
 * deviation of it over all pixels and channels. Collective. */
gd_status gd_step_gradient(gd_stepper *stepper, const gd_stage *stage, const gd_step_parameters *parameters,
                           gd_plane *gradient, double *deviation, gd_error *error) GD_CHECKED;

/* canvas = clip(canvas + step_size * gradient / (deviation + 1e-8), -1, 1). Not collective. */
gd_status gd_step_update(gd_stepper *stepper, gd_stage *stage, const gd_plane *gradient, double deviation,
                         double step_size, gd_error *error) GD_CHECKED;

/* How many tiles a step has. */
gd_status gd_step_tile_count(const gd_engine *engine, int64_t rows, int64_t cols,
                             const gd_step_parameters *parameters, int64_t *count,
                             gd_error *error) GD_CHECKED;

#endif
