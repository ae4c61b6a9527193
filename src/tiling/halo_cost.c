/* Adds up the multiply-adds of all tiles of a canvas, and finds out whether its exact halo is cheap. */
#include "tiling/halo_cost.h"

#include "tiling/cut_work.h"
#include "tiling/cuts.h"
#include "tiling/tile_assignment.h"

#include <stdlib.h>

static gd_status add_tiles(const gd_engine *engine, const gd_cuts *rows, const gd_cuts *cols, double *sum,
                           gd_error *error)
{
    const size_t count = (size_t)rows->count * (size_t)cols->count;
    double *macs = calloc(count, sizeof *macs);
    *sum = 0;
    if (!macs)
        return gd_no_memory(error, "a list of %zu tiles; use a larger -ts", count);
    const gd_status status = gd_cut_macs(engine, rows, cols, gd_engine_plain_macs, macs, error);
    for (size_t i = 0; i < count; i++)
        *sum += macs[i];
    free(macs);
    return status;
}

/* A canvas that is cut is remembered like a window of its size whose focus is a tile behind its halo. */
static gd_status weigh(const gd_engine *engine, int64_t rows, int64_t cols, int64_t tile, int64_t halo,
                       double *macs, gd_error *error)
{
    const gd_window_shape key = {(int32_t)rows, (int32_t)cols, {halo, halo, tile, tile}};
    const int32_t smallest = engine->net->smallest_input;
    gd_window_work work = {0};
    gd_cuts row_cuts = {0}, col_cuts = {0};
    if (gd_work_memory_recall(engine->weighed_cuts, &key, &work)) {
        *macs = work.macs;
        return GD_OK;
    }
    gd_status status = gd_cuts_create(rows, tile, halo, engine->stride, smallest, &row_cuts, error);
    if (status == GD_OK)
        status = gd_cuts_create(cols, tile, halo, engine->stride, smallest, &col_cuts, error);
    if (status == GD_OK)
        status = add_tiles(engine, &row_cuts, &col_cuts, &work.macs, error);
    if (status == GD_OK)
        gd_work_memory_note(engine->weighed_cuts, &key, &work);
    gd_cuts_free(&row_cuts);
    gd_cuts_free(&col_cuts);
    *macs = work.macs;
    return status;
}

gd_status gd_halo_cost(const gd_engine *engine, int64_t rows, int64_t cols, int64_t tile, int64_t halo,
                       double *ratio, gd_error *error)
{
    double without = 0, with = 0;
    *ratio = 1;
    if ((rows <= tile && cols <= tile) || engine->objective.count == 0)
        return GD_OK;
    gd_status status = weigh(engine, rows, cols, tile, 0, &without, error);
    if (status == GD_OK)
        status = weigh(engine, rows, cols, tile, halo, &with, error);
    if (status == GD_OK)
        *ratio = with / without;
    return status;
}

/* Whether the exact halo leaves fewer tiles, as where its windows are the whole canvas: there are fewer ranks
 * to compute then, and larger windows. */
static gd_status has_fewer_tiles(const gd_engine *engine, int64_t rows, int64_t cols, int64_t tile,
                                 int64_t exact, int64_t narrow, bool *fewer, gd_error *error)
{
    const gd_step_parameters wide_step = {.tile = tile, .halo = exact}, step = {.tile = tile, .halo = narrow};
    int64_t with = 0, without = 0;
    gd_status status = gd_step_tile_count(engine, rows, cols, &wide_step, &with, error);
    if (status == GD_OK)
        status = gd_step_tile_count(engine, rows, cols, &step, &without, error);
    *fewer = with < without;
    return status;
}

/* A window that is too large counts as dear. */
gd_status gd_halo_find(const gd_engine *engine, gd_halo_kind kind, int64_t pixels, int64_t rows, int64_t cols,
                       int64_t tile, int64_t *halo, gd_error *error)
{
    const double most = 1.25;
    const int64_t exact = gd_halo(GD_HALO_EXACT, 0, engine->reach, engine->stride, tile, true);
    double ratio = 0;
    bool fewer = false;
    *halo = gd_halo(kind, pixels, engine->reach, engine->stride, tile, false);
    if (kind != GD_HALO_AUTO || *halo == exact)
        return GD_OK;
    gd_status status = has_fewer_tiles(engine, rows, cols, tile, exact, *halo, &fewer, error);
    if (status == GD_OK && !fewer)
        status = gd_halo_cost(engine, rows, cols, tile, exact, &ratio, error);
    if (status == GD_OK && !fewer && ratio < most)
        *halo = exact;
    return status == GD_USAGE ? GD_OK : status;
}
