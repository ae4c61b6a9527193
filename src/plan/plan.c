/* The plan of a render: its walk without pixels, and the sums over the walk. */
#include "plan/plan.h"

#include "base/minmax.h"
#include "plan/plan_tape.h"
#include "plan/plan_visit.h"
#include "sequence/sequence.h"

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

static void clear(gd_plan *plan)
{
    for (int32_t i = 0; plan->octaves && i < plan->octave_count; i++)
        free(plan->octaves[i].shapes.shapes);
    free(plan->octaves);
    free(plan->shapes.shapes);
}

static gd_status begin(gd_plan *plan, const gd_engine *engine, const gd_render_parameters *p, gd_error *error)
{
    plan->threads = p->threads;
    engine->backend->facts(engine->device, &plan->device);
    plan->octaves = calloc((size_t)(p->octave_end - p->octave_first) + 1, sizeof *plan->octaves);
    return plan->octaves ? GD_OK : gd_no_memory(error, "the plan of %d ranks", plan->ranks);
}

/* Adds what a picture or frame takes to the visit, and its octaves and messages to the plan. */
static gd_status walk(gd_plan_visit *visit, gd_plan *plan, const gd_render_parameters *p, gd_error *error)
{
    gd_visitor visitor = gd_plan_visitor(plan->ranks);
    if (p->mask)
        visitor.most_steps = 0; /* the tiles of a step depend on its roll */
    const gd_walk walk = {visit->engine, p, plan->ranks, &visitor, visit};
    const gd_status status = begin(plan, visit->engine, p, error);
    visit->p = p;
    visit->plan = plan;
    visit->sent_before = visit->traffic.sent;
    return status == GD_OK ? gd_walk_render(&walk, error) : status;
}

static void take_pass(gd_plan_pass *to, const gd_plan_pass *from)
{
    to->planes = gd_max_u64(to->planes, from->planes);
    to->band = gd_max_u64(to->band, from->band);
    to->messages = gd_max_u64(to->messages, from->messages);
}

/* Where another frame takes more memory. */
static void take_memory(gd_plan *to, const gd_plan *from)
{
    for (int i = 0; i < GD_PURPOSE_COUNT; i++)
        to->bytes[i] = gd_max_u64(to->bytes[i], from->bytes[i]);
    to->moving_bytes = gd_max_u64(to->moving_bytes, from->moving_bytes);
    take_pass(&to->read, &from->read);
    take_pass(&to->write, &from->write);
}

/* Adds the work and messages of the other frames: of `own` that are as the plan's, and those given. */
static void take_work(gd_plan *plan, int64_t own, double flop, uint64_t sent)
{
    flop += (double)own * plan->flop;
    plan->others = plan->flop > 0 ? flop / plan->flop : 0;
    plan->flop += flop;
    plan->sent_bytes += sent + (uint64_t)own * plan->sent_bytes;
}

/* A sequence: the first frame, and those that follow, which are alike. The plan tells of a whole frame: of
 * the first one, or of the second if a render is resumed within the first. */
static gd_status make_sequence(gd_plan_visit *visit, gd_plan *plan, const gd_render_parameters *p,
                               gd_error *error)
{
    gd_plan other = {.ranks = plan->ranks};
    gd_plan *first = p->resumed ? &other : plan, *second = p->resumed ? plan : &other;
    const gd_render_parameters next = gd_sequence_next(p);
    const int64_t after = p->frame.count - p->frame.index - 1; /* frames after the first */
    gd_status status = walk(visit, first, p, error);
    if (status == GD_OK)
        status = walk(visit, second, &next, error);
    if (status == GD_OK)
        status = gd_plan_tapes(plan, visit->engine, error);
    if (status == GD_OK && p->resumed)
        status = gd_plan_tapes(&other, visit->engine, error);
    take_memory(plan, &other);
    if (p->resumed)
        take_work(plan, after - 1, other.flop, other.sent_bytes);
    else
        take_work(plan, 0, (double)after * plan->flop, (uint64_t)after * other.sent_bytes);
    clear(&other);
    return status;
}

static gd_status make(gd_plan *plan, const gd_engine *engine, const gd_render_parameters *p, gd_error *error)
{
    gd_plan_visit visit = {.engine = engine, .plan = plan};
    gd_status status = gd_plan_visit_begin(&visit, error);
    if (status == GD_OK && !gd_render_last(p)) {
        status = make_sequence(&visit, plan, p, error);
    } else if (status == GD_OK) {
        status = walk(&visit, plan, p, error);
        if (status == GD_OK)
            status = gd_plan_tapes(plan, engine, error);
    }
    visit.plan = plan;
    visit.p = p;
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
    if (plan)
        clear(plan);
    free(plan);
}
