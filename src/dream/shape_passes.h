/* The passes over its planes by which the gradient of a step is shaped. Used by the render and by the plan.
 * Arithmetic only; not collective. */
#ifndef GD_DREAM_SHAPE_PASSES_H
#define GD_DREAM_SHAPE_PASSES_H

#include "base/status.h"
#include "dream/walk.h"
#include "image/stencil.h"
#include "transfer/resample_cut.h"

#include <stdint.h>

typedef enum gd_shape_task {
    GD_SHAPE_SMOOTH, /* to = mean of three Gaussians of sigma / 2, sigma and 2 sigma over from; measures it */
    GD_SHAPE_MEASURE_ROUGHNESS, /* measures the gradient of the total variation of from */
    GD_SHAPE_ADD_ROUGHNESS,     /* adds its multiple to a multiple of to */
    GD_SHAPE_HALVE,             /* to = from at half its size; measures it */
    GD_SHAPE_MEASURE_BAND,      /* measures to less from at twice its size */
    GD_SHAPE_ADD_LEVEL          /* adds a multiple of from at twice its size to a multiple of to */
} gd_shape_task;

/* Each piece of `to` takes the pixels of `from` that the stencil says. */
typedef struct gd_shape_pass {
    gd_shape_task task;
    gd_canvas_role from, to;
    gd_stencil stencil;
} gd_shape_pass;

enum { GD_SHAPE_PASSES = 3 + 3 * GD_BANDS }; /* at most */

/* The step's parameters, with the widest smoothing of the render. */
gd_step_parameters gd_shape_widest(const gd_render_parameters *parameters, const gd_step_parameters *step);

/* Lists the passes of a step in order; returns their number. */
int gd_shape_passes(const gd_step_parameters *step, gd_shape_pass passes[GD_SHAPE_PASSES]);

/* How a pass is cut. The caller frees both axes, which the cut borrows. */
gd_status gd_shape_cut(const gd_shape_pass *pass, const gd_partition *from, const gd_partition *to,
                       gd_resampler *axes[2], gd_resample_cut *cut, gd_error *error) GD_CHECKED;

/* Floats of memory that the work on a piece needs. */
int64_t gd_shape_scratch(const gd_shape_pass *pass, const gd_resample_cut *cut);

/* At most the floats of windows and scratch that a rank needs for a pass. */
int64_t gd_shape_most_floats(const gd_shape_pass *pass, const gd_resample_cut *cut);

/* The three Gaussians of the smoothing by `sigma`. */
enum { GD_SHAPE_GAUSSIANS = 3 };
gd_stencil gd_shape_gaussian(double sigma, int index);

#endif
