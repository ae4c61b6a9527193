/* What tests of whole steps share: ranks, an engine with the bundled weights, a canvas with a photograph. */
#ifndef GD_TESTS_SCENE_H
#define GD_TESTS_SCENE_H

#include "canvas/canvas.h"
#include "check.h"
#include "dream/step.h"
#include "engine/engine.h"
#include "mpi/comm.h"
#include "net/objective.h"

typedef struct gd_scene {
    gd_comm *comm;     /* borrowed from the group's set-up */
    gd_net *net;       /* owned */
    gd_engine *engine; /* owned */
    gd_canvas *canvas; /* owned */
    gd_stepper *stepper;
    gd_plane *gradient; /* owned; on the canvas's layout */
} gd_scene;

/* The sum of the means of named layers of Inception V3. */
gd_objective gd_scene_objective(const char *const *layers, int count);

/* Inception V3 with the bundled weights. Fails the test when anything fails. */
gd_scene gd_scene_open(gd_comm *comm, const gd_objective *objective, gd_precision precision);
void gd_scene_close(gd_scene *scene);

/* A canvas of rows x cols: the photograph of tests/images, resized. */
void gd_scene_photograph(gd_scene *scene, const char *name, int64_t rows, int64_t cols);

/* [3] values in [-1, 1] of a place. */
typedef void (*gd_scene_pixel)(void *context, int64_t y, int64_t x, float rgb[3]);

/* A canvas of rows x cols from a function of the place; or all pixels of any canvas in memory. */
void gd_scene_paint(gd_scene *scene, int64_t rows, int64_t cols, gd_scene_pixel pixel, void *context);
void gd_scene_paint_canvas(gd_canvas *canvas, gd_scene_pixel pixel, void *context);

/* The gradient over the canvas in scene->gradient; returns its standard deviation. */
double gd_scene_gradient(gd_scene *scene, int64_t tile, int64_t halo, int64_t dy, int64_t dx);

/* The whole of a plane of a single rank, dense [rows, cols, 3]; the caller frees it. */
float *gd_scene_copy(const gd_scene *scene, const gd_plane *plane);

/* |a - b| / |b|, in L2. */
double gd_relative_error(const float *a, const float *b, int64_t count);

/* cmocka group set-up and tear-down: *state is the gd_comm. */
int gd_scene_start(void **state);
int gd_scene_stop(void **state);

#endif
