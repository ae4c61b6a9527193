/* Plans a proof: a visitor of its two walks, for the overview and for the crops. */
#include "proof/proof_plan.h"

#include "base/minmax.h"
#include "dream/shape_passes.h"
#include "dream/walk.h"
#include "image/stencil.h"
#include "plan/plan_tape.h"
#include "tiling/tile_assignment.h"
#include "transfer/bands.h"

#include <stdlib.h>

static const uint64_t pixel_bytes = 3 * sizeof(float);

/* The context of the visitor. */
typedef struct adding {
    const gd_engine *engine;
    const gd_render_parameters *p;
    const gd_proof_geometry *geometry;
    gd_plan *plan;
    int32_t parts;   /* canvases of an octave */
    uint64_t before; /* bytes a rank of one canvas of the previous octave */
    uint64_t whole;  /* bytes a rank of the overview, which is kept; 0: not needed */
} adding;

/* Bytes of a plane on the rank with the most: an equal share, plus at most one block. */
static uint64_t plane_bytes(int64_t rows, int64_t cols, int32_t ranks)
{
    const int64_t area = rows * cols, share = area / ranks + (int64_t)GD_BLOCK * GD_BLOCK;
    return (uint64_t)(ranks == 1 || share > area ? area : share) * pixel_bytes;
}

/* Peak memory of an octave. During steps: canvas, gradient, what shapes it, and input. At its start: canvases
 * and inputs of this and the previous octave, plus source windows for resampling. */
static void hold_octave(adding *w, const gd_plan_octave *o)
{
    gd_plan *plan = w->plan;
    const uint64_t planes = gd_render_input(w->p) == GD_DETAIL_NONE ? 1 : 2, parts = (uint64_t)o->parts;
    const uint64_t own = plane_bytes(o->rows, o->cols, o->ranks);
    uint64_t shaped = gd_render_smooths(w->p) ? own : 0;
    for (int32_t i = 1; w->p->normalize == GD_NORMALIZE_LAPLACIAN && i <= GD_BANDS; i++)
        shaped += plane_bytes(gd_stencil_halved(o->rows, i), gd_stencil_halved(o->cols, i), o->ranks);
    const uint64_t mask = w->p->mask ? own / 3 + 1 : 0; /* a third: one channel of three */
    const uint64_t most =
        parts * (mask + gd_max_u64((planes + 1) * own + shaped, planes * (own + w->before)));
    const uint64_t band = gd_bands_bytes(gd_engine_memory(w->engine)->class->kind, o->cols);
    const uint64_t sources = planes * w->before + own;
    plan->bytes[GD_FOR_PLANES] = gd_max_u64(plan->bytes[GD_FOR_PLANES], most + w->whole);
    plan->bytes[GD_FOR_WINDOWS] = gd_max_u64(plan->bytes[GD_FOR_WINDOWS], gd_max_u64(band, sources));
    plan->read.band = gd_max_u64(plan->read.band, parts * (uint64_t)(o->rows * o->cols) * pixel_bytes);
    plan->write.band = gd_max_u64(plan->write.band, band);
    w->before = own;
}

/* The octave entered last. */
static gd_plan_octave *current(const adding *w)
{
    return &w->plan->octaves[w->plan->octave_count - 1];
}

/* Whether the current walk executes steps in this octave. The walk of the crops starts at a shared octave,
 * without steps. */
static bool is_dreamt(const adding *w, const gd_octave *octave)
{
    return octave->octave != w->p->octave_end &&
           (w->parts == 1 || octave->octave >= w->p->octave_first + w->geometry->shared);
}

static gd_status enter(void *context, const gd_octave *octave, gd_error *error)
{
    adding *w = context;
    const gd_proof_geometry *geometry = w->geometry;
    if (!is_dreamt(w, octave))
        return GD_OK;
    const gd_proof_level *l = &geometry->levels[octave->octave - w->p->octave_first];
    const bool small = w->parts == 1 && geometry->shared == 0;
    gd_plan_octave *o = &w->plan->octaves[w->plan->octave_count++];
    *o = (gd_plan_octave){.octave = octave->octave,
                          .rows = small ? geometry->whole_rows : l->part_rows,
                          .cols = small ? geometry->whole_cols : l->part_cols,
                          .parts = w->parts,
                          .steps = w->p->steps};
    return gd_octave_ranks(w->p, w->engine, o->octave, o->rows, o->cols, w->plan->ranks, &o->ranks, error);
}

/* Bytes of windows while a gradient is shaped, at most. */
static gd_status shaping_bytes(const adding *w, const gd_plan_octave *o, const gd_step_parameters *s,
                               uint64_t *bytes, gd_error *error)
{
    gd_shape_pass passes[GD_SHAPE_PASSES];
    const gd_step_parameters widest = gd_shape_widest(w->p, s);
    const int count = gd_shape_passes(&widest, passes);
    gd_partition *levels[GD_BANDS + 1] = {NULL};
    gd_status status = GD_OK;
    *bytes = 0;
    for (int32_t i = 0; status == GD_OK && i <= GD_BANDS; i++)
        status = gd_partition_create(gd_stencil_halved(o->rows, i), gd_stencil_halved(o->cols, i), o->ranks,
                                     &levels[i], error);
    for (int i = 0; status == GD_OK && i < count; i++) {
        gd_resampler *axes[2];
        gd_resample_cut cut;
        status = gd_shape_cut(&passes[i], levels[gd_role_halvings(passes[i].from)],
                              levels[gd_role_halvings(passes[i].to)], axes, &cut, error);
        if (status == GD_OK)
            *bytes = gd_max_u64(*bytes, (uint64_t)gd_shape_most_floats(&passes[i], &cut) * sizeof(float));
        gd_resampler_free(axes[0]);
        gd_resampler_free(axes[1]);
    }
    for (int32_t i = 0; i <= GD_BANDS; i++)
        gd_partition_free(levels[i]);
    return status;
}

static gd_status step(void *context, const gd_octave *octave, int32_t index, const gd_step_parameters *s,
                      int64_t count, gd_error *error)
{
    adding *w = context;
    gd_step_parameters all = *s;
    gd_plan_octave *o = current(w);
    uint64_t *windows = &w->plan->bytes[GD_FOR_WINDOWS];
    gd_tile_assignment assignment = {0};
    (void)octave;
    (void)index;
    all.mask = (gd_step_mask){0}; /* where the crops lie is not known yet */
    gd_status status =
        gd_tile_assignment_create(w->engine, o->rows, o->cols, o->ranks, &all, &assignment, error);
    if (status != GD_OK)
        return status;
    const gd_wave_buffers buffers = gd_wave_buffers_of(&assignment, w->p->threads);
    uint64_t shaping = 0;
    status = shaping_bytes(w, o, s, &shaping, error);
    *windows = gd_max_u64(*windows, gd_wave_buffers_bytes(&buffers) + shaping);
    o->tile = gd_max_i64(o->tile, s->tile);
    o->halo = gd_max_i64(o->halo, s->halo);
    o->tiles = gd_max_i64(o->tiles, assignment.tile_count);
    o->uneven = gd_tile_assignment_uneven(&assignment);
    if (status == GD_OK)
        status = gd_plan_count_tiles(&o->shapes, &assignment, o->parts * count, error);
    gd_tile_assignment_free(&assignment);
    return status;
}

static gd_status leave(void *context, const gd_octave *octave, gd_error *error)
{
    adding *w = context;
    if (!is_dreamt(w, octave))
        return GD_OK;
    hold_octave(w, current(w));
    return gd_plan_count_all(&w->plan->shapes, &current(w)->shapes, error);
}

/* Walks the overview, which is kept, and then the crops. */
static gd_status walk_proof(adding *w, gd_error *error)
{
    static const gd_visitor visitor = {.enter = enter, .step = step, .leave = leave, .most_steps = 1};
    const gd_proof_geometry *geometry = w->geometry;
    const gd_render_parameters crops = gd_proof_crop_parameters(w->p, geometry);
    const gd_walk first = {w->engine, w->p, w->plan->ranks, &visitor, w};
    const gd_walk second = {w->engine, &crops, w->plan->ranks, &visitor, w};
    w->parts = 1;
    gd_status status = gd_walk_until(&first, gd_proof_whole_end(w->p, geometry), error);
    w->parts = GD_PROOF_CROPS;
    w->whole = geometry->shared < geometry->octaves
                   ? plane_bytes(geometry->whole_rows, geometry->whole_cols, w->plan->ranks)
                   : 0;
    return status == GD_OK ? gd_walk_render(&second, error) : status;
}

/* Sums all purposes: nothing is freed between the overview and the crops, or while the input is read. */
static void sum_up(adding *w)
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
        plan->need.total_bytes =
            outside->base + gd_max_u64(sum + outside->reader + plan->read.band, outside->sample);
    plan->need.beside_bytes = plan->need.total_bytes - plan->bytes[GD_FOR_PLANES];
}

gd_status gd_proof_plan_create(const gd_engine *engine, const gd_render_parameters *parameters,
                               const gd_proof_geometry *geometry, int32_t ranks, gd_plan **plan,
                               gd_error *error)
{
    gd_plan *made = calloc(1, sizeof *made);
    adding w = {.engine = engine, .p = parameters, .geometry = geometry, .plan = made};
    *plan = NULL;
    if (made)
        made->octaves = calloc((size_t)geometry->octaves + 1, sizeof *made->octaves);
    if (!made || !made->octaves) {
        gd_plan_free(made);
        return gd_no_memory(error, "the plan of a proof");
    }
    made->ranks = ranks;
    made->threads = parameters->threads;
    engine->backend->facts(engine->device, &made->device);
    gd_status status = walk_proof(&w, error);
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
