/* Renders the frames of a sequence with one renderer. */
#include "sequence/sequence.h"

#include "dream/render.h"

gd_render_parameters gd_sequence_next(const gd_render_parameters *p)
{
    gd_render_parameters next = *p;
    next.frame.index++;
    next.frame.follows = true;
    next.frame.saved = false;
    next.resumed = false;
    next.output_first = false;
    next.seed += p->frame.seed_each;
    return next;
}

static gd_status render_frame(gd_renderer *renderer, gd_render_parameters *p, gd_error *error)
{
    gd_status status = GD_OK;
    if (p->hooks.begin_frame)
        status = p->hooks.begin_frame(p->hooks.context, p, error);
    return status == GD_OK ? gd_renderer_render(renderer, p, error) : status;
}

gd_status gd_sequence_render(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *p,
                             gd_canvas **canvas, gd_error *error)
{
    gd_renderer *renderer = NULL;
    gd_render_parameters frame = *p;
    gd_status status = gd_renderer_create(comm, engine, &renderer, error);
    if (status == GD_OK)
        status = render_frame(renderer, &frame, error);
    while (status == GD_OK && !gd_render_last(&frame)) {
        frame = gd_sequence_next(&frame);
        status = render_frame(renderer, &frame, error);
    }
    *canvas = gd_renderer_end(renderer);
    return status;
}
