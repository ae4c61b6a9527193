/* Counts the multiply-adds of tapes, and finds the tile from which an exact halo is cheap. */
#include "net/lower/halo_cost.h"

#include "base/minmax.h"
#include "base/round.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "net/reach.h"
#include "net/tape.h"

/* A square tile with a halo. */
static gd_status count_macs(const gd_net *net, const gd_objective *objective, int64_t tile, int64_t halo,
                            double *macs, gd_error *error)
{
    const gd_lower_options options = {.focus = {halo, halo, tile, tile}};
    const int32_t side = (int32_t)gd_min_i64(tile + 2 * halo, INT32_MAX);
    gd_tape *tape = NULL;
    *macs = 0;
    const gd_status status = gd_tape_lower(net, objective, side, side, &options, &tape, error);
    if (status != GD_OK)
        return status;
    *macs = gd_tape_macs(tape);
    gd_tape_free(tape);
    return GD_OK;
}

gd_status gd_halo_cost(const gd_net *net, const gd_objective *objective, int64_t tile, int64_t halo,
                       double *ratio, gd_error *error)
{
    const int64_t side = gd_max_i64(tile, net->smallest_input);
    double without = 0, with = 0;
    gd_status status = count_macs(net, objective, side, 0, &without, error);
    if (status == GD_OK)
        status = count_macs(net, objective, side, halo, &with, error);
    *ratio = without > 0 ? with / without : 1;
    return status;
}

/* A window that is too large counts as dear. */
static gd_status is_cheap(const gd_net *net, const gd_objective *objective, int64_t tile, bool *cheap,
                          gd_error *error)
{
    const double most = 1.25;
    const int64_t halo = gd_round_up(gd_objective_reach(net, objective), gd_objective_stride(net, objective));
    double ratio = 0;
    const gd_status status = gd_halo_cost(net, objective, tile, halo, &ratio, error);
    *cheap = status == GD_OK && ratio < most;
    return status == GD_USAGE ? GD_OK : status;
}

gd_status gd_halo_cheap_tile(const gd_net *net, const gd_objective *objective, int64_t *tile, gd_error *error)
{
    const int64_t largest = 8192, stride = gd_objective_stride(net, objective);
    int64_t low = 0, high = largest / stride; /* low: dear; high: cheap, if any is */
    bool cheap = false;
    *tile = INT64_MAX;
    gd_status status = is_cheap(net, objective, high * stride, &cheap, error);
    if (status != GD_OK || !cheap)
        return status;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        status = is_cheap(net, objective, middle * stride, &cheap, error);
        if (status != GD_OK)
            return status;
        *(cheap ? &high : &low) = middle;
    }
    *tile = high * stride;
    return GD_OK;
}
