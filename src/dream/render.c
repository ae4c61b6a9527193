/* Executes the walk of a render: its canvases, and its steps with reports and requests. */
#include "dream/render.h"

#include "base/clock.h"
#include "dream/execute.h"
#include "dream/shape.h"
#include "dream/step.h"
#include "dream/walk.h"
#include "mpi/agree.h"
#include "mpi/subgroup.h"

#include <stdlib.h>

struct gd_renderer {
    gd_execution x;      /* first member: also the context of the canvas operations */
    gd_stepper *stepper; /* owned; exists from the first step to the last one of the last frame */
};
typedef gd_renderer render;

static gd_status begin_steps(void *context, gd_error *error)
{
    render *r = context;
    if (r->stepper)
        return GD_OK;
    const gd_status status = gd_stepper_create(r->x.comm, r->x.engine, r->x.p->threads, &r->stepper, error);
    if (status == GD_OK)
        gd_stepper_watch(r->stepper, r->x.p->hooks.stop);
    return status;
}

static void end_steps(void *context)
{
    render *r = context;
    gd_stepper_free(r->stepper);
    r->stepper = NULL;
}

static gd_status prepare_ranks(void *context, const gd_octave *octave, gd_error *error)
{
    const render *r = context;
    return gd_comm_prepare_subgroup(r->x.comm, octave->ranks, error);
}

/* Agrees on failures and requests. Done in each step, so that no rank waits for longer than one step, and
 * before the update, so that the step can be undone. */
static gd_status agree(render *r, int32_t octave, int32_t step, gd_step_request *request, gd_error *error)
{
    const gd_render_hooks *hooks = &r->x.p->hooks;
    int32_t largest =
        hooks->request ? (int32_t)hooks->request(hooks->context, octave, step) : GD_REQUEST_NONE;
    gd_status status = gd_comm_agree_request(r->x.comm, GD_OK, &largest, error);
    *request = (gd_step_request)largest;
    return status;
}

static gd_status save(const render *r, int32_t octave, int32_t step, gd_step_request request, gd_error *error)
{
    const gd_render_hooks *hooks = &r->x.p->hooks;
    return hooks->save(hooks->context, r->x.canvases[GD_ROLE_CANVAS][0], octave, step, request, error);
}

/* Completes the report, which already has times and deviation, and passes it to the hook. */
static gd_status report_step(const render *r, const gd_octave *octave, const gd_step_parameters *s,
                             gd_step_report *report, gd_error *error)
{
    const gd_render_hooks *hooks = &r->x.p->hooks;
    if (!hooks->step_done)
        return GD_OK;
    report->octave = octave->octave;
    report->canvas = r->x.canvases[GD_ROLE_CANVAS][0];
    report->tile = s->tile;
    report->dy = s->dy;
    report->dx = s->dx;
    report->step_size = s->step_size;
    return hooks->step_done(hooks->context, report, error);
}

static gd_status run_step(void *context, const gd_octave *octave, int32_t step, const gd_step_parameters *s,
                          int64_t count, gd_error *error)
{
    render *r = context;
    gd_canvas *canvas = r->x.canvases[GD_ROLE_CANVAS][0];
    gd_plane *gradient = r->x.canvases[GD_ROLE_OTHER][0]->pixels;
    gd_shaped shaped;
    gd_step_report report = {.step = step};
    gd_step_request request = GD_REQUEST_NONE;
    const double start = gd_clock();
    (void)count; /* always 1: each step is visited */
    gd_status status = gd_step_gradient(r->stepper, canvas, s, gradient, &report.deviation, error);
    if (status == GD_OK)
        status = agree(r, octave->octave, step, &request, error);
    if (status == GD_OK && request == GD_REQUEST_STOP)
        return save(r, octave->octave, step, request, error);
    const double busy = gd_stepper_busy(r->stepper), agreed = gd_clock();
    if (status == GD_OK)
        status = gd_shape_gradients(&r->x, s, report.deviation, &shaped, error);
    if (status == GD_OK)
        status = gd_shape_update(&r->x, 0, &shaped, s->step_size, error);
    if (status != GD_OK)
        return status;
    const double end = gd_clock();
    report.deviation = shaped.deviation;
    report.seconds = end - start;
    report.updating = end - agreed;
    report.computing = busy + report.updating;
    status = report_step(r, octave, s, &report, error);
    return status == GD_OK && request == GD_REQUEST_SAVE ? save(r, octave->octave, step + 1, request, error)
                                                         : status;
}

/* Handles a stop request after the last step, before the picture is written, since writing may take long. */
static gd_status heed_last(void *context, gd_error *error)
{
    render *r = context;
    const gd_render_parameters *p = r->x.p;
    const int32_t octave = p->octave_end - 1;
    gd_step_request request = GD_REQUEST_NONE;
    if (!p->hooks.request)
        return GD_OK;
    const gd_status status = agree(r, octave, p->steps, &request, error);
    return status == GD_OK && request != GD_REQUEST_NONE ? save(r, octave, p->steps, request, error) : status;
}

static gd_status write(void *context, gd_written what, gd_error *error)
{
    render *r = context;
    const gd_render_hooks *hooks = &r->x.p->hooks;
    const gd_canvas_role role = what == GD_WRITTEN_BESIDE ? GD_ROLE_INPUT : GD_ROLE_CANVAS;
    return hooks->write ? hooks->write(hooks->context, r->x.canvases[role][0], what, error) : GD_OK;
}

static gd_status leave(void *context, const gd_octave *octave, gd_error *error)
{
    render *r = context;
    const gd_render_hooks *hooks = &r->x.p->hooks;
    return hooks->octave_done
               ? hooks->octave_done(hooks->context, r->x.canvases[GD_ROLE_CANVAS][0], octave->octave, error)
               : GD_OK;
}

gd_status gd_renderer_create(gd_comm *comm, const gd_engine *engine, gd_renderer **renderer, gd_error *error)
{
    gd_renderer *r = calloc(1, sizeof *r);
    const gd_status status = gd_comm_agree(comm, r ? GD_OK : gd_no_memory(error, "a render"), error);
    *renderer = status == GD_OK ? r : NULL;
    if (status != GD_OK)
        free(r);
    else
        r->x = (gd_execution){.comm = comm, .engine = engine, .parts = 1};
    return status;
}

gd_status gd_renderer_render(gd_renderer *renderer, const gd_render_parameters *parameters, gd_error *error)
{
    gd_visitor visitor = gd_execute_visitor;
    const gd_walk walk = {.engine = renderer->x.engine,
                          .p = parameters,
                          .ranks = gd_comm_size(renderer->x.comm),
                          .visitor = &visitor,
                          .context = renderer};
    renderer->x.p = parameters;
    if (parameters->frame.tone.known)
        renderer->x.tone = parameters->frame.tone;
    visitor.write = write;
    visitor.begin_steps = begin_steps;
    visitor.end_steps = end_steps;
    visitor.reach = prepare_ranks;
    visitor.step = run_step;
    visitor.leave = leave;
    visitor.steps_done = heed_last;
    return gd_walk_render(&walk, error);
}

gd_canvas *gd_renderer_end(gd_renderer *renderer)
{
    if (!renderer)
        return NULL;
    gd_canvas *canvas = renderer->x.canvases[GD_ROLE_CANVAS][0];
    end_steps(renderer);
    renderer->x.canvases[GD_ROLE_CANVAS][0] = NULL;
    gd_execution_end(&renderer->x);
    free(renderer);
    return canvas;
}

gd_status gd_render(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                    gd_canvas **canvas, gd_error *error)
{
    gd_renderer *renderer = NULL;
    gd_status status = gd_renderer_create(comm, engine, &renderer, error);
    if (status == GD_OK)
        status = gd_renderer_render(renderer, parameters, error);
    *canvas = gd_renderer_end(renderer);
    return status;
}
