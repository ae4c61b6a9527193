#include "dream/deal.h"

#include "base/round.h"

#include <stdlib.h>

gd_status gd_step_cut(const gd_engine *engine, int64_t extent, const gd_step_parameters *p, gd_cuts *cuts,
                      gd_error *error)
{
    if (p->tensorflow)
        return gd_cuts_create_tensorflow(extent, p->tile, cuts, error);
    return gd_cuts_create(extent, p->tile, p->halo, engine->stride, engine->net->smallest_input, cuts, error);
}

static gd_status cut_both(const gd_engine *engine, int64_t rows, int64_t cols, const gd_step_parameters *p,
                          gd_cuts cuts[2], gd_error *error)
{
    cuts[1] = (gd_cuts){0};
    gd_status status = gd_step_cut(engine, rows, p, &cuts[0], error);
    if (status == GD_OK)
        status = gd_step_cut(engine, cols, p, &cuts[1], error);
    if (status != GD_OK)
        gd_cuts_free(&cuts[0]);
    return status;
}

static int64_t window_extents(const gd_cuts *cuts)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < cuts->count; i++)
        sum += cuts->cuts[i].window_extent;
    return sum;
}

gd_status gd_step_windows(const gd_engine *engine, int64_t rows, int64_t cols,
                          const gd_step_parameters *parameters, int64_t *count, int64_t *area,
                          gd_error *error)
{
    gd_cuts cuts[2];
    const gd_status status = cut_both(engine, rows, cols, parameters, cuts, error);
    if (status != GD_OK)
        return status;
    *count = (int64_t)cuts[0].count * cuts[1].count;
    *area = window_extents(&cuts[0]) * window_extents(&cuts[1]);
    gd_cuts_free(&cuts[0]);
    gd_cuts_free(&cuts[1]);
    return GD_OK;
}

gd_status gd_step_tile_count(const gd_engine *engine, int64_t rows, int64_t cols,
                             const gd_step_parameters *parameters, int64_t *count, gd_error *error)
{
    int64_t area;
    return gd_step_windows(engine, rows, cols, parameters, count, &area, error);
}

static void count_runs(gd_deal *deal)
{
    for (int64_t i = 0; i < deal->tile_count; i++) {
        const int64_t area = gd_rect_area(deal->tiles[i].window);
        deal->area = area > deal->area ? area : deal->area;
        deal->first[deal->tiles[i].rank + 1]++;
    }
    for (int32_t r = 0; r < deal->ranks; r++) {
        deal->longest = deal->first[r + 1] > deal->longest ? deal->first[r + 1] : deal->longest;
        deal->first[r + 1] += deal->first[r];
    }
}

gd_status gd_deal_create(const gd_engine *engine, int64_t rows, int64_t cols, int32_t ranks,
                         const gd_step_parameters *p, gd_deal *deal, gd_error *error)
{
    gd_cuts cuts[2];
    *deal = (gd_deal){.rows = rows, .cols = cols, .ranks = ranks};
    gd_status status = cut_both(engine, rows, cols, p, cuts, error);
    if (status != GD_OK)
        return status;
    deal->tile_count = (int64_t)cuts[0].count * cuts[1].count;
    deal->tiles = calloc((size_t)deal->tile_count, sizeof *deal->tiles);
    deal->first = calloc((size_t)ranks + 1, sizeof *deal->first);
    if (!deal->tiles || !deal->first)
        status = gd_fail(error, GD_MEMORY, "out of memory for a list of %lld tiles; use a larger -ts",
                         (long long)deal->tile_count);
    if (status == GD_OK)
        status = gd_tiles_deal(&cuts[0], &cuts[1], rows, cols, p->dy, p->dx, ranks, deal->tiles, error);
    if (status == GD_OK)
        count_runs(deal);
    else
        gd_deal_free(deal);
    gd_cuts_free(&cuts[0]);
    gd_cuts_free(&cuts[1]);
    return status;
}

void gd_deal_free(gd_deal *deal)
{
    free(deal->tiles);
    free(deal->first);
    *deal = (gd_deal){0};
}

int32_t gd_deal_wave_tiles(const gd_deal *deal, int32_t threads)
{
    enum { WAVE_PIXELS = 8 << 20, WAVE_TILES_MAX = 64 };
    int64_t tiles = WAVE_PIXELS / deal->area;
    tiles = tiles > WAVE_TILES_MAX ? WAVE_TILES_MAX : tiles;
    tiles = tiles < threads ? threads : tiles;
    return (int32_t)(tiles > deal->longest ? deal->longest : tiles);
}

gd_deal_room gd_deal_room_of(const gd_deal *deal, int32_t threads)
{
    const int32_t tiles = gd_deal_wave_tiles(deal, threads);
    const int64_t left = deal->longest - tiles;
    return (gd_deal_room){.slot_floats =
                              gd_round_up(deal->area * 3, 64), /* each starts at a multiple of 256 bytes */
                          .tiles = {tiles, (int32_t)(left < tiles ? left : tiles)}};
}

bool gd_deal_room_serves(const gd_deal_room *held, const gd_deal_room *wanted)
{
    return held->slot_floats >= wanted->slot_floats && held->tiles[0] == wanted->tiles[0] &&
           held->tiles[1] >= wanted->tiles[1];
}

uint64_t gd_deal_room_bytes(const gd_deal_room *room)
{
    return 2 * (uint64_t)room->slot_floats * (uint64_t)(room->tiles[0] + room->tiles[1]) * sizeof(float);
}

void gd_deal_wave(const gd_deal *deal, int32_t rank, int64_t wave, int32_t wave_tiles, int64_t *begin,
                  int64_t *end)
{
    const int64_t last = deal->first[rank + 1];
    *begin = deal->first[rank] + wave * wave_tiles;
    *begin = *begin < last ? *begin : last;
    *end = *begin + wave_tiles < last ? *begin + wave_tiles : last;
}

size_t gd_deal_list(const gd_deal *deal, const gd_step_parameters *p, int64_t wave, int32_t wave_tiles,
                    gd_window *windows, gd_window *cores)
{
    size_t count = 0;
    for (int32_t rank = 0; rank < deal->ranks; rank++) {
        int64_t i, end;
        for (gd_deal_wave(deal, rank, wave, wave_tiles, &i, &end); i < end; i++, count++) {
            const gd_tile *tile = &deal->tiles[i];
            windows[count] = (gd_window){
                .rect = gd_unroll(tile->window, deal->rows, deal->cols, p->dy, p->dx), .rank = rank};
            cores[count] = (gd_window){.rect = gd_unroll(tile->core, deal->rows, deal->cols, p->dy, p->dx),
                                       .rank = rank};
        }
    }
    return count;
}
