/* Window shapes of a plan: operations and memory of a shape's tape, without computing it. */
#include "plan/plan_tape.h"

#include "base/grow.h"
#include "base/round.h"
#include "net/tape.h"

#include <stdlib.h>

int32_t gd_plan_find(const gd_plan_shapes *shapes, const gd_window_shape *window)
{
    for (int32_t i = 0; i < shapes->count; i++)
        if (gd_window_shape_same(&shapes->shapes[i].window, window))
            return i;
    return -1;
}

/* Adds so many windows of a shape. */
static gd_status count_shape(gd_plan_shapes *shapes, const gd_window_shape *window, int64_t windows,
                             gd_error *error)
{
    const int32_t found = gd_plan_find(shapes, window);
    if (found >= 0) {
        shapes->shapes[found].windows += windows;
        return GD_OK;
    }
    static const gd_array_kind kind = {sizeof(gd_plan_shape), INT32_MAX, "the plan of window shapes"};
    const gd_status status = gd_grow(&shapes->shapes, &shapes->capacity, shapes->count + 1, &kind, error);
    if (status != GD_OK)
        return status;
    shapes->shapes[shapes->count++] = (gd_plan_shape){.window = *window, .windows = windows};
    return GD_OK;
}

gd_status gd_plan_count_tiles(gd_plan_shapes *shapes, const gd_tile_assignment *assignment, int64_t count,
                              gd_error *error)
{
    gd_status status = GD_OK;
    for (int64_t i = 0; i < assignment->tile_count && status == GD_OK; i++) {
        const gd_window_shape window = gd_tile_shape(&assignment->tiles[i]);
        status = count_shape(shapes, &window, count, error);
    }
    return status;
}

gd_status gd_plan_count_all(gd_plan_shapes *shapes, const gd_plan_shapes *others, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t i = 0; i < others->count && status == GD_OK; i++) {
        const gd_plan_shape *s = &others->shapes[i];
        status = count_shape(shapes, &s->window, s->windows, error);
    }
    return status;
}

gd_status gd_plan_arena(const gd_engine *engine, const gd_window_shape *window, size_t *bytes,
                        gd_error *error)
{
    gd_tape *tape = NULL;
    gd_program *program = NULL;
    gd_status status = gd_engine_lower(engine, window, &tape, error);
    if (status != GD_OK)
        return status;
    status = engine->backend->compile(engine->device, tape, &program, error);
    if (status == GD_OK) {
        *bytes = engine->backend->arena_bytes(program);
        engine->backend->free(program);
    }
    gd_tape_free(tape);
    return status;
}

gd_status gd_plan_demotion(const gd_engine *engine, const gd_window_shape *window, gd_demotion *demotion,
                           gd_error *error)
{
    gd_tape *tape = NULL;
    *demotion = (gd_demotion){0};
    if (!engine->backend->demotion)
        return GD_OK;
    gd_status status = gd_engine_lower(engine, window, &tape, error);
    if (status == GD_OK)
        status = engine->backend->demotion(engine->device, tape, demotion, error);
    gd_tape_free(tape);
    return status;
}

gd_status gd_plan_filters(const gd_engine *engine, uint64_t *bytes, gd_error *error)
{
    gd_tape *tape = NULL;
    *bytes = 0;
    if (engine->objective.count == 0)
        return GD_OK;
    const gd_window_shape smallest =
        gd_window_shape_whole(engine->net->smallest_input, engine->net->smallest_input);
    const gd_status status = gd_engine_lower(engine, &smallest, &tape, error);
    if (status != GD_OK)
        return status;
    *bytes = engine->backend->filter_bytes(engine->device, tape);
    gd_tape_free(tape);
    return GD_OK;
}

static gd_status weigh(const gd_engine *engine, gd_plan_shape *shape, gd_error *error)
{
    gd_window_work work = {0};
    const gd_status status = gd_engine_weigh(engine, &shape->window, &work, error);
    shape->flop = 2 * work.macs;
    shape->units = work.units;
    return status;
}

gd_status gd_plan_flop(const gd_engine *engine, const gd_window_shape *window, double *flop, gd_error *error)
{
    gd_window_work work = {0};
    const gd_status status = gd_engine_weigh(engine, window, &work, error);
    *flop = 2 * work.macs;
    return status;
}

/* The shape with the most units among those without an arena. */
static gd_plan_shape *largest(const gd_plan_shapes *shapes)
{
    gd_plan_shape *found = NULL;
    for (int32_t i = 0; i < shapes->count; i++) {
        gd_plan_shape *s = &shapes->shapes[i];
        if (s->arena_bytes == 0 && (!found || s->units > found->units))
            found = s;
    }
    return found;
}

/* Compiles shapes from the largest down, because compiling all of them may take long. Stops when a shape
 * could only exceed the maximum with `margin` times the most bytes a unit so far: on processors the shapes of
 * a render differ by some hundredths, since workspaces are small; on devices by more. */
static gd_status size_arenas(gd_plan *plan, const gd_engine *engine, uint64_t *most, gd_error *error)
{
    const double margin = plan->device.total_bytes > 0 ? 1.5 : GD_PLAN_UNIT_SPREAD;
    double a_unit = 0;
    for (gd_plan_shape *s; (s = largest(&plan->shapes));) {
        if (margin * a_unit * s->units < (double)*most)
            return GD_OK;
        const gd_status status = gd_plan_arena(engine, &s->window, &s->arena_bytes, error);
        if (status != GD_OK)
            return status;
        const double own = (double)s->arena_bytes / s->units;
        a_unit = own > a_unit ? own : a_unit;
        *most = s->arena_bytes > *most ? s->arena_bytes : *most;
    }
    return GD_OK;
}

static void share_shapes(gd_plan *plan)
{
    for (int32_t i = 0; i < plan->octave_count; i++) {
        gd_plan_octave *o = &plan->octaves[i];
        for (int32_t k = 0; k < o->shapes.count; k++) {
            gd_plan_shape *s = &o->shapes.shapes[k];
            const gd_plan_shape *known = &plan->shapes.shapes[gd_plan_find(&plan->shapes, &s->window)];
            s->flop = known->flop;
            s->arena_bytes = known->arena_bytes;
            o->flop += s->flop * (double)s->windows;
        }
        plan->flop += o->flop;
    }
}

gd_status gd_plan_tapes(gd_plan *plan, const gd_engine *engine, gd_error *error)
{
    uint64_t most = 0;
    gd_status status = gd_plan_filters(engine, &plan->filter_bytes, error);
    for (int32_t i = 0; i < plan->shapes.count && status == GD_OK; i++)
        status = weigh(engine, &plan->shapes.shapes[i], error);
    if (status == GD_OK)
        status = size_arenas(plan, engine, &most, error);
    plan->bytes[GD_FOR_TENSORS] = (uint64_t)gd_round_up((int64_t)most, 256) * (uint64_t)plan->threads;
    share_shapes(plan);
    return status;
}
