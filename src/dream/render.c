#include "dream/render.h"

#include "base/clock.h"
#include "dream/detail.h"
#include "dream/octave.h"
#include "dream/step.h"
#include "mpi/agree.h"
#include "mpi/subgroup.h"
#include "transfer/canvas_resample.h"

typedef struct render {
    gd_comm *comm;
    const gd_engine *engine;
    const gd_render_parameters *p;
    gd_stepper *stepper; /* owned */
    gd_canvas **canvas;
} render;

/* At each step, so that no rank waits longer than for one, and before its update, so that it can be undone.
 */
static gd_status agree(render *r, int32_t octave, int32_t step, gd_step_request *wish, gd_error *error)
{
    const gd_render_hooks *hooks = &r->p->hooks;
    int32_t largest = hooks->wish ? (int32_t)hooks->wish(hooks->context, octave, step) : GD_REQUEST_NONE;
    gd_status status = gd_comm_agree_request(r->comm, GD_OK, &largest, error);
    *wish = (gd_step_request)largest;
    return status;
}

static gd_status run_step(render *r, gd_plane *gradient, int32_t octave, int32_t step, gd_error *error)
{
    const gd_render_parameters *p = r->p;
    const double start = gd_clock();
    gd_step_parameters s;
    double deviation = 0;
    gd_status status = gd_render_step(p, r->engine, octave, step, &s, error);
    if (status == GD_OK)
        status = gd_step_gradient(r->stepper, *r->canvas, &s, gradient, &deviation, error);
    gd_step_request wish = GD_REQUEST_NONE;
    if (status == GD_OK)
        status = agree(r, octave, step, &wish, error);
    if (status == GD_OK && wish == GD_REQUEST_STOP)
        return p->hooks.save(p->hooks.context, *r->canvas, octave, step, wish, error);
    const double busy = gd_stepper_busy(r->stepper), agreed = gd_clock();
    if (status == GD_OK)
        status = gd_step_update(r->stepper, *r->canvas, gradient, deviation, s.step_size, error);
    if (status != GD_OK)
        return status;
    const gd_partition *partition = (*r->canvas)->partition;
    const double end = gd_clock();
    const gd_step_report report = {.octave = octave,
                                   .step = step,
                                   .rows = partition->rows,
                                   .cols = partition->cols,
                                   .tile = s.tile,
                                   .dy = s.dy,
                                   .dx = s.dx,
                                   .step_size = s.step_size,
                                   .deviation = deviation,
                                   .seconds = end - start,
                                   .computing = busy + end - agreed,
                                   .updating = end - agreed};
    if (p->hooks.step_done)
        status = p->hooks.step_done(p->hooks.context, &report, error);
    if (status == GD_OK && wish == GD_REQUEST_SAVE)
        status = p->hooks.save(p->hooks.context, *r->canvas, octave, step + 1, wish, error);
    return status;
}

static gd_status change_size(render *r, int64_t rows, int64_t cols, int32_t ranks, gd_error *error)
{
    const gd_resample_kind kind = r->p->rules->resample;
    const gd_partition *partition = (*r->canvas)->partition;
    if (r->p->detail != GD_DETAIL_NONE && (rows > partition->rows || cols > partition->cols))
        return gd_detail_enlarge(r->comm, r->engine, r->p, rows, cols, ranks, r->canvas, error);
    return gd_canvas_resample(r->comm, r->engine, kind, rows, cols, ranks, r->canvas, error);
}

/* The first octave's canvas. A file is read at its size where it is read so again. */
static gd_status begin(render *r, int64_t rows, int64_t cols, int32_t ranks, gd_error *error)
{
    const gd_partition *partition = (*r->canvas)->partition;
    if (r->p->detail != GD_DETAIL_FILE || (rows == partition->rows && cols == partition->cols))
        return change_size(r, rows, cols, ranks, error);
    gd_canvas_free(*r->canvas);
    *r->canvas = NULL;
    return gd_detail_input(r->comm, r->engine, r->p, rows, cols, ranks, r->canvas, error);
}

static gd_status run_octave(render *r, int32_t octave, gd_error *error)
{
    const gd_render_parameters *p = r->p;
    const gd_extent extent = gd_octave_extent(p, octave);
    const int64_t rows = extent.rows, cols = extent.cols;
    gd_plane *gradient = NULL;
    int32_t ranks = 0;
    gd_status status = gd_render_ranks(p, r->engine, octave, gd_comm_size(r->comm), &ranks, error);
    if (status == GD_OK)
        status = octave == p->octave_first && !p->resumed ? begin(r, rows, cols, ranks, error)
                                                          : change_size(r, rows, cols, ranks, error);
    if (status == GD_OK)
        status = gd_comm_prepare_subgroup(r->comm, ranks, error);
    if (status == GD_OK && p->steps > 0)
        status = gd_plane_create((*r->canvas)->pixels->store, (*r->canvas)->partition, gd_comm_rank(r->comm),
                                 &gradient, error);
    const int32_t first = p->resumed && octave == p->resume_octave ? p->resume_step : 0;
    for (int32_t step = first; status == GD_OK && step < p->steps; step++)
        status = run_step(r, gradient, octave, step, error);
    gd_plane_free(gradient);
    return status;
}

/* A stop that came too late for the last step still comes before the picture is written, which may take long.
 */
static gd_status end_steps(render *r, gd_error *error)
{
    const gd_render_parameters *p = r->p;
    const int32_t octave = p->octave_end - 1;
    gd_step_request wish = GD_REQUEST_NONE;
    gd_status status = agree(r, octave, p->steps, &wish, error);
    if (status == GD_OK && wish != GD_REQUEST_NONE)
        status = p->hooks.save(p->hooks.context, *r->canvas, octave, p->steps, wish, error);
    return status;
}

gd_status gd_render(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                    gd_canvas **canvas, gd_error *error)
{
    render r = {.comm = comm, .engine = engine, .p = parameters, .canvas = canvas};
    gd_status status = gd_stepper_create(comm, engine, parameters->threads, &r.stepper, error);
    if (status == GD_OK)
        gd_stepper_watch(r.stepper, parameters->hooks.stop);
    const int32_t first = parameters->resumed ? parameters->resume_octave : parameters->octave_first;
    for (int32_t octave = first; status == GD_OK && octave < parameters->octave_end; octave++)
        status = run_octave(&r, octave, error);
    if (status == GD_OK && parameters->hooks.wish)
        status = end_steps(&r, error);
    if (status == GD_OK && parameters->final_resize)
        status = change_size(&r, parameters->base_rows, parameters->base_cols, gd_comm_size(comm), error);
    gd_stepper_free(r.stepper);
    return status;
}
