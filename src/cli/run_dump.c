#include "cli/run.h"

#include "cli/parameters.h"
#include "cli/plan_text.h"
#include "dream/plan.h"
#include "net/tape.h"

#include <stdio.h>

/* What --dry-run and --dump-tape look at. */
typedef struct preview {
    gd_decision *d;
    gd_net *net;         /* owned */
    gd_engine *engine;   /* owned */
    gd_plan *plan;       /* owned */
    gd_tape *tape;       /* owned; of the window with most pixels; NULL when there is none */
    gd_program *program; /* owned */
} preview;

static gd_status compile_largest(preview *p, gd_error *error)
{
    const gd_lower_options options = {0};
    const gd_plan_shape *largest = NULL;
    for (int32_t i = 0; i < p->plan->shapes.count; i++) {
        const gd_plan_shape *s = &p->plan->shapes.shapes[i];
        if (!largest || (int64_t)s->rows * s->cols > (int64_t)largest->rows * largest->cols)
            largest = s;
    }
    if (!largest)
        return GD_OK;
    gd_status status =
        gd_tape_lower(p->net, &p->engine->objective, largest->rows, largest->cols, &options, &p->tape, error);
    if (status == GD_OK)
        status = p->engine->backend->compile(p->engine->device, p->tape, &p->program, error);
    return status;
}

static gd_status prepare(preview *p, int32_t ranks, gd_error *error)
{
    gd_status status = gd_parameters_engine(p->d, 0, &p->net, &p->engine, error);
    if (status == GD_OK)
        status = gd_parameters_settle_tile(p->engine, p->d, error);
    if (status != GD_OK)
        return status;
    gd_render_parameters parameters = gd_parameters_of(p->d);
    parameters.threads = p->engine->backend->side_by_side(p->engine->device, p->d->options.threads);
    status = gd_plan_create(p->engine, &parameters, ranks, &p->plan, error);
    return status == GD_OK ? compile_largest(p, error) : status;
}

static void print(const preview *p)
{
    const gd_backend *backend = p->engine->backend;
    if (p->d->options.action == GD_ACTION_DUMP_TAPE)
        backend->dump(p->program, p->net, stdout);
    else
        gd_plan_print(p->plan, p->engine, p->d, p->program ? backend->workspace_bytes(p->program) : 0,
                      stdout);
}

gd_status gd_run_dump(gd_decision *decision, int32_t ranks, gd_error *error)
{
    preview p = {.d = decision};
    gd_status status = prepare(&p, decision->options.ranks > 0 ? decision->options.ranks : ranks, error);
    if (status == GD_OK)
        print(&p);
    if (p.program)
        p.engine->backend->free(p.program);
    gd_tape_free(p.tape);
    gd_plan_free(p.plan);
    gd_engine_free(p.engine);
    gd_net_free(p.net);
    return status;
}
