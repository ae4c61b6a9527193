/* The plan of a render: its walk without pixels, and the sums over the walk. */
#include "plan/plan.h"

#include "base/minmax.h"
#include "plan/plan_tape.h"
#include "plan/plan_visit.h"

#include <stdlib.h>

/* Host memory: tensors and windows exist only between reading the input and writing the output. */
static void sum_host(gd_plan *plan, const gd_outside *outside)
{
    const uint64_t *bytes = plan->bytes, always = outside->base + plan->filter_bytes;
    const uint64_t steps =
        bytes[GD_FOR_TENSORS] + plan->moving_bytes + gd_max_u64(outside->preview, outside->live);
    const uint64_t in = plan->read.band + plan->read.messages + outside->reader;
    const uint64_t out = plan->write.band + plan->write.messages + outside->writer;
    plan->need.beside_bytes = always + gd_max_u64(steps, gd_max_u64(in, out));
    plan->need.total_bytes =
        always + gd_max_u64(bytes[GD_FOR_PLANES] + steps,
                            gd_max_u64(plan->read.planes + in, plan->write.planes + out));
    plan->need.beside_bytes = gd_max_u64(plan->need.beside_bytes, outside->base + outside->sample);
    plan->need.total_bytes = gd_max_u64(plan->need.total_bytes, outside->base + outside->sample);
}

static void sum_up(const gd_plan_visit *v)
{
    gd_plan *plan = v->plan;
    const bool own = plan->device.total_bytes > 0;
    uint64_t slots = 0;
    for (int32_t r = 0; r < plan->ranks; r++) {
        plan->bytes[GD_FOR_PLANES] =
            gd_max_u64(plan->bytes[GD_FOR_PLANES], own ? v->planes.bytes[r].end : v->planes.bytes[r].sum);
        slots = gd_max_u64(slots, v->planes.slots[r].end);
    }
    plan->need.plane_slots = (int64_t)slots;
    plan->bytes[GD_FOR_MESSAGES] = v->traffic.most;
    plan->need.total_bytes = plan->filter_bytes + plan->device.fixed_bytes;
    for (int i = 0; i < GD_PURPOSE_COUNT; i++)
        plan->need.total_bytes += plan->bytes[i];
    if (!own)
        sum_host(plan, &v->p->outside);
}

static gd_status make(gd_plan *plan, const gd_engine *engine, const gd_render_parameters *p, gd_error *error)
{
    gd_visitor visitor = gd_plan_visitor(plan->ranks);
    if (p->mask)
        visitor.most_steps = 0; /* the tiles of a step depend on its roll */
    gd_plan_visit visit = {.engine = engine, .p = p, .plan = plan};
    const gd_walk walk = {engine, p, plan->ranks, &visitor, &visit};
    plan->octaves = calloc((size_t)(p->octave_end - p->octave_first) + 1, sizeof *plan->octaves);
    gd_status status = GD_OK;
    if (!plan->octaves)
        status = gd_no_memory(error, "the plan of %d ranks", plan->ranks);
    if (status == GD_OK)
        status = gd_plan_visit_begin(&visit, error);
    engine->backend->facts(engine->device, &plan->device);
    if (status == GD_OK)
        status = gd_walk_render(&walk, error);
    if (status == GD_OK)
        status = gd_plan_tapes(plan, engine, error);
    if (status == GD_OK)
        sum_up(&visit);
    gd_plan_visit_end(&visit);
    return status;
}

gd_status gd_plan_create(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                         gd_plan **plan, gd_error *error)
{
    *plan = NULL;
    gd_plan *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "a plan");
    made->ranks = ranks;
    made->threads = parameters->threads;
    const gd_status status = make(made, engine, parameters, error);
    if (status != GD_OK) {
        gd_plan_free(made);
        return status;
    }
    *plan = made;
    return GD_OK;
}

void gd_plan_free(gd_plan *plan)
{
    if (!plan)
        return;
    for (int32_t i = 0; plan->octaves && i < plan->octave_count; i++)
        free(plan->octaves[i].shapes.shapes);
    free(plan->octaves);
    free(plan->shapes.shapes);
    free(plan);
}
