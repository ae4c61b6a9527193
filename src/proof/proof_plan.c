#include "proof/proof_plan.h"

#include "base/minmax.h"
#include "dream/octave.h"
#include "plan/plan_tape.h"
#include "tiling/tile_assignment.h"
#include "transfer/bands.h"

#include <stdlib.h>

static const uint64_t pixel_bytes = 3 * sizeof(float);

typedef struct walk {
    const gd_engine *engine;
    const gd_render_parameters *p;
    gd_plan *plan;
    uint64_t before; /* bytes that a rank has of one of the canvases that the next are made of */
    uint64_t whole;  /* and of the small whole picture, which stays; 0: none is shared */
} walk;

/* Of a plane, on the rank that has most: an equal part to within a block. */
static uint64_t plane_bytes(int64_t rows, int64_t cols, int32_t ranks)
{
    const int64_t area = rows * cols, share = area / ranks + (int64_t)GD_BLOCK * GD_BLOCK;
    return (uint64_t)(ranks == 1 || share > area ? area : share) * pixel_bytes;
}

static gd_status walk_step(walk *w, gd_plan_octave *o, int32_t step, gd_error *error)
{
    gd_step_parameters s;
    gd_tile_assignment assignment = {0};
    gd_status status = gd_render_step(w->p, w->engine, o->octave, step, &s, error);
    if (status == GD_OK)
        status = gd_tile_assignment_create(w->engine, o->rows, o->cols, o->ranks, &s, &assignment, error);
    if (status != GD_OK)
        return status;
    const gd_wave_buffers room = gd_wave_buffers_of(&assignment, w->p->threads);
    uint64_t *windows = &w->plan->bytes[GD_FOR_WINDOWS];
    *windows = gd_max_u64(*windows, gd_wave_buffers_bytes(&room));
    o->tile = s.tile > o->tile ? s.tile : o->tile;
    o->halo = s.halo > o->halo ? s.halo : o->halo;
    o->tiles = assignment.tile_count > o->tiles ? assignment.tile_count : o->tiles;
    for (int64_t i = 0; i < assignment.tile_count && status == GD_OK; i++) {
        const gd_rect window = assignment.tiles[i].window;
        status = gd_plan_count(&o->shapes, (int32_t)window.rows, (int32_t)window.cols, o->parts, error);
    }
    gd_tile_assignment_free(&assignment);
    return status;
}

/* Canvas, gradient and input in its steps; the canvases and inputs of this octave and of that before while it
 * begins; and a slab of each with which one is resampled from the other. */
static void hold_octave(walk *w, const gd_plan_octave *o)
{
    gd_plan *plan = w->plan;
    const uint64_t planes = w->p->detail == GD_DETAIL_NONE ? 1 : 2, parts = (uint64_t)o->parts;
    const uint64_t own = plane_bytes(o->rows, o->cols, o->ranks);
    const uint64_t most = parts * gd_max_u64((planes + 1) * own, planes * (own + w->before));
    const uint64_t band = gd_bands_bytes(gd_engine_memory(w->engine)->class->kind, o->cols);
    const uint64_t slabs = planes * w->before + own;
    plan->bytes[GD_FOR_PLANES] = gd_max_u64(plan->bytes[GD_FOR_PLANES], most + w->whole);
    plan->bytes[GD_FOR_WINDOWS] = gd_max_u64(plan->bytes[GD_FOR_WINDOWS], gd_max_u64(band, slabs));
    plan->read.band = gd_max_u64(plan->read.band, parts * (uint64_t)(o->rows * o->cols) * pixel_bytes);
    plan->write.band = gd_max_u64(plan->write.band, band);
    w->before = own;
}

static gd_status walk_octave(walk *w, int32_t octave, int64_t rows, int64_t cols, int32_t parts,
                             gd_error *error)
{
    gd_plan *plan = w->plan;
    gd_plan_octave *o = &plan->octaves[plan->octave_count++];
    *o = (gd_plan_octave){.octave = octave, .rows = rows, .cols = cols, .parts = parts, .steps = w->p->steps};
    gd_status status = gd_render_ranks_of(w->p, w->engine, octave, rows, cols, plan->ranks, &o->ranks, error);
    for (int32_t step = 0; step < o->steps && status == GD_OK; step++)
        status = walk_step(w, o, step, error);
    if (status == GD_OK)
        hold_octave(w, o);
    for (int32_t i = 0; i < o->shapes.count && status == GD_OK; i++) {
        const gd_plan_shape *s = &o->shapes.shapes[i];
        status = gd_plan_count(&plan->shapes, s->rows, s->cols, s->windows, error);
    }
    return status;
}

static gd_status walk_proof(walk *w, const gd_proof_way *way, gd_error *error)
{
    gd_status status = GD_OK;
    if (way->shared == 0)
        status = walk_octave(w, w->p->octave_first, way->whole_rows, way->whole_cols, 1, error);
    for (int32_t i = 0; i < way->octaves && status == GD_OK; i++) {
        const gd_proof_level *l = &way->levels[i];
        if (i == way->shared)
            w->whole = plane_bytes(way->whole_rows, way->whole_cols, w->plan->ranks);
        status = walk_octave(w, l->octave, l->part_rows, l->part_cols, i < way->shared ? 1 : GD_PROOF_CROPS,
                             error);
    }
    return status;
}

/* Nothing is freed between the whole and the crops, or while the input is read. */
static void sum_up(walk *w)
{
    gd_plan *plan = w->plan;
    const gd_outside *outside = &w->p->outside;
    uint64_t sum = plan->filter_bytes;
    if (plan->ranks > 1)
        plan->bytes[GD_FOR_MESSAGES] = plan->bytes[GD_FOR_WINDOWS];
    for (int i = 0; i < GD_PURPOSE_COUNT; i++)
        sum += plan->bytes[i];
    plan->need.total_bytes = sum + plan->device.fixed_bytes;
    if (plan->device.total_bytes == 0)
        plan->need.total_bytes = sum + outside->base + outside->reader + plan->read.band;
    plan->need.beside_bytes = plan->need.total_bytes - plan->bytes[GD_FOR_PLANES];
}

gd_status gd_proof_plan_create(const gd_engine *engine, const gd_render_parameters *parameters,
                               const gd_proof_way *way, int32_t ranks, gd_plan **plan, gd_error *error)
{
    gd_plan *made = calloc(1, sizeof *made);
    walk w = {.engine = engine, .p = parameters, .plan = made};
    *plan = NULL;
    if (made)
        made->octaves = calloc((size_t)way->octaves + 1, sizeof *made->octaves);
    if (!made || !made->octaves) {
        gd_plan_free(made);
        return gd_no_memory(error, "the plan of a proof");
    }
    made->ranks = ranks;
    made->threads = parameters->threads;
    engine->backend->facts(engine->device, &made->device);
    gd_status status = walk_proof(&w, way, error);
    if (status == GD_OK)
        status = gd_plan_tapes(made, engine, error);
    if (status != GD_OK) {
        gd_plan_free(made);
        return status;
    }
    sum_up(&w);
    *plan = made;
    return GD_OK;
}
