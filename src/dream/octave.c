#include "dream/render.h"

#include "base/random.h"
#include "base/round.h"

#include <math.h>

int64_t gd_octave_extent(int64_t base, double scale, int32_t octave, bool tensorflow)
{
    if (tensorflow)
        return (int64_t)((float)base * (float)pow(scale, octave));
    return (int64_t)((double)base * pow(scale, octave));
}

int64_t gd_render_tile(const gd_render_parameters *parameters, int32_t stride, int64_t index)
{
    const int64_t count = (int64_t)(parameters->octave_end - parameters->octave_first) * parameters->steps;
    const int64_t tile = (int64_t)llround(gd_schedule_at(&parameters->tile, index, count));
    return parameters->tensorflow ? tile : gd_round_up(tile, stride);
}

int64_t gd_render_halo(const gd_render_parameters *parameters, const gd_engine *engine, int64_t tile)
{
    if (parameters->tensorflow)
        return 0;
    return gd_halo(parameters->halo_kind, parameters->halo, engine->reach, engine->stride, tile);
}

static int64_t modulo(int64_t value, int64_t extent)
{
    const int64_t rest = value % extent;
    return rest < 0 ? rest + extent : rest;
}

/* Over the whole canvas, so that the roll does not depend on the tile size; under tensorflow over [-tile,
 * tile). */
static int64_t draw_roll(const gd_render_parameters *p, int64_t extent, int32_t octave, int32_t axis,
                         int32_t step, int64_t tile)
{
    const int64_t bound = p->tensorflow ? 2 * tile : extent;
    const int64_t value = gd_random_below(p->seed, GD_RANDOM_ROLL, bound, octave, axis, (uint32_t)step);
    return p->tensorflow ? value - tile : value;
}

gd_status gd_render_step(const gd_render_parameters *p, const gd_engine *engine, int32_t octave, int32_t step,
                         gd_step_parameters *s, gd_error *error)
{
    const int64_t count = (int64_t)(p->octave_end - p->octave_first) * p->steps;
    const int64_t index = (int64_t)(octave - p->octave_first) * p->steps + step;
    const int64_t rows = gd_octave_extent(p->base_rows, p->octave_scale, octave, p->tensorflow);
    const int64_t cols = gd_octave_extent(p->base_cols, p->octave_scale, octave, p->tensorflow);
    *s = (gd_step_parameters){.tensorflow = p->tensorflow};
    s->tile = gd_render_tile(p, engine->stride, index);
    s->halo = gd_render_halo(p, engine, s->tile);
    s->step_size = gd_schedule_at(&p->step_size, index, count);
    gd_status status = GD_OK;
    if (p->hooks.roll) {
        status = p->hooks.roll(p->hooks.context, octave, step, &s->dy, &s->dx, error);
    } else {
        s->dy = draw_roll(p, rows, octave, 0, step, s->tile);
        s->dx = draw_roll(p, cols, octave, 1, step, s->tile);
    }
    s->dy = modulo(s->dy, rows);
    s->dx = modulo(s->dx, cols);
    return status;
}

gd_status gd_render_ranks_of(const gd_render_parameters *p, const gd_engine *engine, int32_t octave,
                             int64_t rows, int64_t cols, int32_t ranks, int32_t *holding, gd_error *error)
{
    const int64_t first = (int64_t)(octave - p->octave_first) * p->steps;
    gd_step_parameters s = {.tile = INT64_MAX, .tensorflow = p->tensorflow};
    int64_t tiles = ranks;
    *holding = ranks;
    if (p->steps == 0)
        return GD_OK;
    for (int32_t step = 0; step < p->steps; step++) {
        const int64_t tile = gd_render_tile(p, engine->stride, first + step);
        s.tile = tile < s.tile ? tile : s.tile;
    }
    s.halo = gd_render_halo(p, engine, s.tile);
    const gd_status status = gd_step_tile_count(engine, rows, cols, &s, &tiles, error);
    *holding = tiles < ranks ? (int32_t)tiles : ranks;
    return status;
}
