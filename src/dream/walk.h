/* The walk of a render: every canvas that is made, filled, resampled, dreamt on and written, in order.
 *
 * The walk alone knows the order, the sizes, and who holds what; what each event does is up to a visitor.
 * gd_render executes it, gd_plan_create adds up what it takes on each of any number of ranks, a proof
 * executes it on small parts of the canvases. */
#ifndef GD_DREAM_WALK_H
#define GD_DREAM_WALK_H

#include "base/status.h"
#include "dream/octave.h"
#include "engine/engine.h"

#include <stdint.h>

/* Canvases that there may be at once. */
typedef enum gd_canvas_role {
    GD_ROLE_CANVAS,
    GD_ROLE_OTHER, /* the gradient, or the next canvas */
    GD_ROLE_INPUT, /* with --keep-detail */
    GD_ROLE_COUNT
} gd_canvas_role;

/* What happens, in order; any may be NULL. After a failure nothing follows. */
typedef struct gd_visitor {
    /* Makes the canvas of a role that is free; no pixel is set. */
    gd_status (*create)(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error);
    void (*drop)(void *context, gd_canvas_role role); /* frees it; it may be free already */
    /* Drops `to`, which is from now on what `from` was; `from` is free. */
    void (*move)(void *context, gd_canvas_role to, gd_canvas_role from);
    /* Sets all pixels: of the canvas, when it is the first, or of the input. */
    gd_status (*fill)(void *context, gd_canvas_role role, gd_origin origin, gd_error *error);
    /* All pixels of `to` are resampled from `from`, or copied where both have one size. */
    gd_status (*resample)(void *context, gd_canvas_role to, gd_canvas_role from, gd_error *error);
    gd_status (*clear)(void *context, gd_canvas_role role, gd_error *error); /* to zeros */
    /* to = clip(to + factor * from, -1, 1), of one size. */
    gd_status (*add)(void *context, gd_canvas_role to, gd_canvas_role from, float factor, gd_error *error);
    gd_status (*write)(void *context, gd_written what, gd_error *error); /* the canvas, to a file */
    /* (optional) Makes and fills the input at any size, all at once: for parts of canvases, where those of
     * the base size are not to be had. The render then begins with the first octave's input, and is resampled
     * from octave to octave even where their sizes are the same. */
    gd_status (*input)(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error);

    gd_status (*begin_steps)(void *context, gd_error *error); /* before the first octave */
    void (*end_steps)(void *context); /* after the last size is reached, before it is written */
    /* An octave, or the final size, is next; then its canvas is there; then all its steps are done. */
    gd_status (*enter)(void *context, const gd_octave *octave, gd_error *error);
    gd_status (*reach)(void *context, const gd_octave *octave, gd_error *error);
    gd_status (*leave)(void *context, const gd_octave *octave, gd_error *error);
    /* A step, which stands for `count` steps from `step` on with tiles of its size. GD_ROLE_OTHER is there
     * for its gradient. */
    gd_status (*step)(void *context, const gd_octave *octave, int32_t step, const gd_step_parameters *s,
                      int64_t count, gd_error *error);
    gd_status (*steps_done)(void *context, gd_error *error); /* those of the last octave */

    int32_t most_steps; /* 0: each step is visited. Else of more steps an octave about so many stand for all:
                           those with tiles of one size differ in their rolls alone */
} gd_visitor;

typedef struct gd_walk {
    const gd_engine *engine;       /* borrowed, as all */
    const gd_render_parameters *p; /* its hooks are the visitor's, but for `roll` */
    int32_t ranks;                 /* of the render */
    const gd_visitor *visitor;
    void *context; /* the visitor's */
} gd_walk;

/* The whole render, from where it begins or goes on to the picture. */
gd_status gd_walk_render(const gd_walk *walk, gd_error *error) GD_CHECKED;

/* From the first canvas through the octaves before `end` (all visited ones' steps included), and no further.
 */
gd_status gd_walk_until(const gd_walk *walk, int32_t end, gd_error *error) GD_CHECKED;

/* Replaces the canvas of size `from` by one of size `to`: resampled; or, when it grows and detail is kept,
 * with what smaller octaves lost of the input added back.
 *
 * With I(o) the input at octave o, canvas(o) = clip(I(o) + up(canvas(o - 1) - I(o - 1)), -1, 1): resampling
 * being linear, that is up(canvas(o - 1)) and the detail I(o) - up(I(o - 1)) (Mordvintsev et al.,
 * "DeepDream", 2015). The input is read again, resampled on the way, or the noise of the base size is made
 * again and resampled; so there is no state beside the canvas, and never more than two planes but for noise,
 * which takes a third. */
gd_status gd_walk_change(const gd_walk *walk, const gd_octave *from, const gd_octave *to,
                         gd_error *error) GD_CHECKED;

/* The input at that size, as GD_ROLE_INPUT. parameters->detail must not be GD_DETAIL_NONE. */
gd_status gd_walk_input(const gd_walk *walk, const gd_octave *size, gd_error *error) GD_CHECKED;

#endif
