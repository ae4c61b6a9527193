/* Counts the multiply-adds of tapes, and finds the tile from which an exact halo is cheap. */
#include "engine/halo_cost.h"

#include "base/minmax.h"
#include "base/round.h"
#include "net/tape.h"

static gd_status count_macs(const gd_engine *engine, const gd_window_shape *window, double *macs,
                            gd_error *error)
{
    gd_tape *tape = NULL;
    *macs = 0;
    const gd_status status = gd_engine_lower(engine, window, &tape, error);
    if (status != GD_OK)
        return status;
    for (int32_t o = 0; o < tape->op_count; o++)
        *macs += gd_op_macs(tape, &tape->ops[o]);
    gd_tape_free(tape);
    return GD_OK;
}

gd_status gd_halo_cost(const gd_engine *engine, int64_t tile, int64_t halo, double *ratio, gd_error *error)
{
    const int32_t side = (int32_t)gd_max_i64(tile, engine->net->smallest_input);
    const int32_t wide = (int32_t)gd_min_i64(side + 2 * halo, INT32_MAX);
    const gd_window_shape without = gd_window_shape_whole(side, side);
    const gd_window_shape with = {wide, wide, {halo, halo, side, side}};
    double none = 0, all = 0;
    gd_status status = count_macs(engine, &without, &none, error);
    if (status == GD_OK)
        status = count_macs(engine, &with, &all, error);
    *ratio = none > 0 ? all / none : 1;
    return status;
}

gd_status gd_halo_cheap_tile(const gd_engine *engine, int64_t *tile, gd_error *error)
{
    const double cheap = 1.25;
    const int64_t most = 8192, stride = engine->stride, halo = gd_round_up(engine->reach, stride);
    int64_t low = 0, high = most / stride + 1; /* too small; large enough, or beyond all */
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        double ratio = 0;
        gd_status status = gd_halo_cost(engine, middle * stride, halo, &ratio, error);
        if (status != GD_OK && status != GD_USAGE)
            return status;
        /* A window that is too large: look among smaller ones, and find none. */
        if (status == GD_USAGE || ratio < cheap)
            high = middle;
        else
            low = middle;
    }
    double ratio = 0;
    const gd_status status = gd_halo_cost(engine, high * stride, halo, &ratio, error);
    *tile = status == GD_OK && ratio < cheap ? high * stride : INT64_MAX;
    return status == GD_USAGE ? GD_OK : status;
}
