/* The walk of a render: all operations on its canvases, in order: create, fill, resample, steps, write.
 *
 * The walk determines the order, the sizes and the ranks; a visitor defines what each event does. gd_render
 * executes it, gd_plan_create adds up memory and work for any number of ranks, and a proof executes it on
 * small parts of the canvases. */
#ifndef GD_DREAM_WALK_H
#define GD_DREAM_WALK_H

#include "base/status.h"
#include "dream/octave.h"
#include "engine/engine.h"

#include <stdint.h>

/* Bands of a gradient that --normalize laplacian divides, besides what is left. */
enum { GD_BANDS = 4 };

/* The canvases that can exist at the same time. */
typedef enum gd_canvas_role {
    GD_ROLE_CANVAS,
    GD_ROLE_OTHER,  /* the gradient, or the next canvas */
    GD_ROLE_INPUT,  /* for --keep-detail, --mask, --keep-colors and --strength */
    GD_ROLE_SMOOTH, /* the smoothed gradient, for --smooth */
    GD_ROLE_MASK,   /* of one channel */
    GD_ROLE_HALF, /* the gradient at half its size, for --normalize laplacian; the next ones at a quarter, an
                     eighth and a sixteenth */
    GD_ROLE_COUNT = GD_ROLE_HALF + GD_BANDS
} gd_canvas_role;

/* How often a role's canvas is halved in size, each time rounded up. */
static inline int32_t gd_role_halvings(gd_canvas_role role)
{
    return role >= GD_ROLE_HALF ? (int32_t)(role - GD_ROLE_HALF) + 1 : 0;
}

/* Callbacks for the events of a walk; any may be NULL. The walk ends at the first failure. */
typedef struct gd_visitor {
    /* Creates the canvas of a free role; pixels are not initialised. */
    gd_status (*create)(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error);
    void (*drop)(void *context, gd_canvas_role role); /* frees it; the role may be free already */
    /* Drops `to` and replaces it by `from`; the role `from` is then free. */
    void (*move)(void *context, gd_canvas_role to, gd_canvas_role from);
    /* Sets all pixels of the first canvas or of the input, or GD_ROLE_OTHER to the mask, or GD_ROLE_INPUT to
     * the offsets of a flow. */
    gd_status (*fill)(void *context, gd_canvas_role role, gd_origin origin, gd_error *error);
    /* Resamples all pixels of `to` from `from`, or copies them if the sizes are equal. */
    gd_status (*resample)(void *context, gd_canvas_role to, gd_canvas_role from, gd_error *error);
    /* Sets all pixels of `to` to those of `from`, of the same size, moved as parameters->frame says, with the
     * offsets in GD_ROLE_INPUT where it has a flow. */
    gd_status (*warp)(void *context, gd_canvas_role to, gd_canvas_role from, gd_error *error);
    /* Notes the tone of GD_ROLE_INPUT, and blends the canvas with it by parameters->frame.blend. */
    gd_status (*blend_frame)(void *context, gd_error *error);
    /* Notes the tone of the first canvas of a sequence; gives the canvas that tone. */
    gd_status (*note_tone)(void *context, gd_error *error);
    gd_status (*keep_tone)(void *context, gd_error *error);
    gd_status (*clear)(void *context, gd_canvas_role role, gd_error *error); /* fills it with zeros */
    /* to = clip(to + factor * from, -1, 1); both have the same size. */
    gd_status (*add)(void *context, gd_canvas_role to, gd_canvas_role from, float factor, gd_error *error);
    /* Fills GD_ROLE_MASK with the first channel of GD_ROLE_OTHER, which has the same size. */
    gd_status (*take_mask)(void *context, gd_error *error);
    /* Sets the canvas to GD_ROLE_INPUT of its size where GD_ROLE_MASK is 0. */
    gd_status (*keep_input)(void *context, gd_error *error);
    /* Blends the canvas with GD_ROLE_INPUT of its size, as parameters->blend says. */
    gd_status (*blend)(void *context, gd_error *error);
    gd_status (*write)(void *context, gd_written what, gd_error *error); /* writes the canvas to a file */
    /* (optional) Creates and fills the input directly at any size: for parts of canvases, where the base size
     * is not available. The render then begins with the first octave's input, and is resampled from octave to
     * octave even if the sizes are equal. */
    gd_status (*input)(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error);

    gd_status (*begin_steps)(void *context, gd_error *error); /* before the first octave */
    void (*end_steps)(void *context); /* after the last size of the last frame is reached, before it is
                                         written */
    /* enter: an octave or the final size begins. reach: its canvas exists. leave: all its steps are done. */
    gd_status (*enter)(void *context, const gd_octave *octave, gd_error *error);
    gd_status (*reach)(void *context, const gd_octave *octave, gd_error *error);
    gd_status (*leave)(void *context, const gd_octave *octave, gd_error *error);
    /* A step; it stands for `count` steps from `step` on with the same tile size. GD_ROLE_OTHER exists for
     * its gradient, and the roles that shape it. */
    gd_status (*step)(void *context, const gd_octave *octave, int32_t step, const gd_step_parameters *s,
                      int64_t count, gd_error *error);
    gd_status (*steps_done)(void *context, gd_error *error); /* after the last octave's steps */

    int32_t most_steps; /* 0: each step is visited. Else about this many steps of an octave stand for all of
                           them: steps with one tile size differ only in their rolls */
} gd_visitor;

typedef struct gd_walk {
    const gd_engine *engine;       /* borrowed, like all pointers here */
    const gd_render_parameters *p; /* of its hooks, the walk itself uses only `roll` */
    int32_t ranks;                 /* of the render */
    const gd_visitor *visitor;
    void *context; /* the visitor's */
} gd_walk;

/* The whole render of a picture or frame, from its start or its checkpoint to the picture. If the frame
 * before is still there, it is the visitor's GD_ROLE_CANVAS. */
gd_status gd_walk_render(const gd_walk *walk, gd_error *error) GD_CHECKED;

/* The walk from the first canvas through the octaves before `end`, including their steps. */
gd_status gd_walk_until(const gd_walk *walk, int32_t end, gd_error *error) GD_CHECKED;

/* Replaces the canvas of size `from` by one of size `to`, by resampling. If it grows and detail is kept, the
 * detail of the input that smaller octaves lost is added back.
 *
 * With I(o) the input at octave o, canvas(o) = clip(I(o) + up(canvas(o - 1) - I(o - 1)), -1, 1): since
 * resampling is linear, that is up(canvas(o - 1)) plus the detail I(o) - up(I(o - 1)) (Mordvintsev et al.,
 * "DeepDream", 2015). The input is read and resampled again, or the noise is generated again at the base size
 * and resampled. So there is no state besides the canvas, and never more than two planes (three for noise).
 */
gd_status gd_walk_change(const gd_walk *walk, const gd_octave *from, const gd_octave *to,
                         gd_error *error) GD_CHECKED;

/* Creates the input at that size as GD_ROLE_INPUT. gd_render_input must not be GD_DETAIL_NONE. */
gd_status gd_walk_input(const gd_walk *walk, const gd_octave *size, gd_error *error) GD_CHECKED;

#endif
