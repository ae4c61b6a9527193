/* Computes octaves and steps from the parameters and the rules. */
#include "dream/octave.h"

#include "base/minmax.h"
#include "base/random.h"
#include "tiling/halo_cost.h"

#include <math.h>

gd_extent gd_octave_extent(const gd_render_parameters *p, int32_t octave)
{
    return gd_rules_extent(p->rules, (gd_extent){p->base_rows, p->base_cols}, p->octave_scale, octave);
}

int64_t gd_octave_tile(const gd_render_parameters *parameters, int32_t stride, int64_t index)
{
    const int64_t count = (int64_t)(parameters->octave_end - parameters->octave_first) * parameters->steps;
    const int64_t tile = (int64_t)llround(gd_schedule_at(&parameters->tile, index, count));
    return gd_rules_tile(parameters->rules, tile, stride);
}

gd_status gd_octave_halo(const gd_render_parameters *p, const gd_engine *engine, int32_t octave, int64_t tile,
                         int64_t *halo, gd_error *error)
{
    const gd_extent extent = gd_octave_extent(p, octave);
    *halo = 0;
    if (!p->rules->halo)
        return GD_OK;
    return gd_halo_find(engine, p->halo_kind, p->halo, extent.rows, extent.cols, tile, halo, error);
}

static int64_t modulo(int64_t value, int64_t extent)
{
    const int64_t rest = value % extent;
    return rest < 0 ? rest + extent : rest;
}

static int64_t draw_roll(const gd_render_parameters *p, int64_t extent, int32_t octave, int32_t axis,
                         int32_t step, int64_t tile)
{
    int64_t first, count;
    gd_rules_roll(p->rules, extent, tile, &first, &count);
    return first + gd_random_below(p->seed, GD_RANDOM_ROLL, count, octave, axis, (uint32_t)step);
}

gd_status gd_octave_step(const gd_render_parameters *p, const gd_engine *engine, int32_t octave, int32_t step,
                         gd_step_parameters *s, gd_error *error)
{
    const int64_t count = (int64_t)(p->octave_end - p->octave_first) * p->steps;
    const int64_t index = (int64_t)(octave - p->octave_first) * p->steps + step;
    const gd_extent extent = gd_octave_extent(p, octave);
    *s = (gd_step_parameters){.cuts = p->rules->cuts};
    if (p->mask)
        s->mask = (gd_step_mask){&p->mask->cells, extent, {0, 0, extent.rows, extent.cols}};
    s->tile = gd_octave_tile(p, engine->stride, index);
    s->step_size = gd_schedule_at(&p->step_size, index, count);
    s->smooth = gd_schedule_at(&p->smooth, index, count);
    s->tv = p->tv;
    s->normalize = p->normalize;
    gd_status status = gd_octave_halo(p, engine, octave, s->tile, &s->halo, error);
    if (status != GD_OK)
        return status;
    if (p->hooks.roll) {
        status = p->hooks.roll(p->hooks.context, octave, step, &s->dy, &s->dx, error);
    } else {
        s->dy = draw_roll(p, extent.rows, octave, 0, step, s->tile);
        s->dx = draw_roll(p, extent.cols, octave, 1, step, s->tile);
    }
    s->dy = modulo(s->dy, extent.rows);
    s->dx = modulo(s->dx, extent.cols);
    return status;
}

gd_status gd_octave_ranks(const gd_render_parameters *p, const gd_engine *engine, int32_t octave,
                          int64_t rows, int64_t cols, int32_t ranks, int32_t *holding, gd_error *error)
{
    const int64_t first = (int64_t)(octave - p->octave_first) * p->steps;
    gd_step_parameters s = {.tile = INT64_MAX, .cuts = p->rules->cuts};
    int64_t tiles = ranks;
    *holding = ranks;
    if (p->steps == 0)
        return GD_OK;
    for (int32_t step = 0; step < p->steps; step++)
        s.tile = gd_min_i64(s.tile, gd_octave_tile(p, engine->stride, first + step));
    gd_status status = gd_octave_halo(p, engine, octave, s.tile, &s.halo, error);
    if (status == GD_OK)
        status = gd_step_tile_count(engine, rows, cols, &s, &tiles, error);
    *holding = tiles < ranks ? (int32_t)tiles : ranks;
    return status;
}

gd_status gd_octave_at(const gd_render_parameters *p, const gd_engine *engine, int32_t octave, int32_t ranks,
                       gd_octave *at, gd_error *error)
{
    const gd_extent extent = gd_octave_extent(p, octave);
    *at = (gd_octave){.octave = octave,
                      .rows = extent.rows,
                      .cols = extent.cols,
                      .step = p->resumed && octave == p->resume_octave ? p->resume_step : 0,
                      .steps_end = p->steps};
    return gd_octave_ranks(p, engine, octave, at->rows, at->cols, ranks, &at->ranks, error);
}
