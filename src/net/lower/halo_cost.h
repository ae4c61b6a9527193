/* What a halo costs: multiply-adds of windows that shrink, with one and without. Follows from the tapes
 * alone. */
#ifndef GD_NET_LOWER_HALO_COST_H
#define GD_NET_LOWER_HALO_COST_H

#include "base/status.h"
#include "net/net.h"
#include "net/objective.h"

/* The multiply-adds of a tile's gradient with `halo` pixels on all sides, over those without a halo.
 * GD_USAGE if the window's tensors are too large. */
gd_status gd_halo_cost(const gd_net *net, const gd_objective *objective, int64_t tile, int64_t halo,
                       double *ratio, gd_error *error) GD_CHECKED;

/* The smallest tile for which the exact halo costs less than 1.25, a multiple of the objective's stride;
 * INT64_MAX if there is none among the tiles that can be computed. */
gd_status gd_halo_cheap_tile(const gd_net *net, const gd_objective *objective, int64_t *tile,
                             gd_error *error) GD_CHECKED;

#endif
