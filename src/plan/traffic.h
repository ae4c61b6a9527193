/* Message sizes and traffic of exchanges, summed for all ranks: the totals of the routes of
 * mpi/exchange/route.c. */
#ifndef GD_PLAN_TRAFFIC_H
#define GD_PLAN_TRAFFIC_H

#include "base/status.h"
#include "canvas/partition.h"
#include "mpi/exchange/exchange.h"
#include "tiling/tile_assignment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gd_traffic {
    uint64_t sent; /* bytes sent, summed over all ranks and exchanges */
    uint64_t most; /* peak bytes of messages, in and out, over ranks and exchanges */

    /* Working memory. */
    int32_t ranks;
    uint64_t *bytes;               /* owned; [ranks] bytes of messages of one exchange */
    uint64_t *pair;                /* owned; [ranks] bytes between one rank and the others */
    int32_t *peers;                /* owned; [ranks] ranks whose `pair` is not 0 */
    struct gd_traffic_want *wants; /* owned; rectangles that the windows of one rank need */
    int64_t want_count, want_capacity;
    int64_t *last; /* owned; [block_capacity] the last want of each block, or -1 */
    int64_t block_capacity;
} gd_traffic;

gd_status gd_traffic_create(int32_t ranks, gd_traffic *traffic, gd_error *error) GD_CHECKED;
void gd_traffic_free(gd_traffic *traffic);

/* Adds one exchange with a plane on `partition`. Windows of a rank are adjacent in the list, as in
 * gd_gather_begin (`overlapping`: pixels that several windows of a rank share are sent once) or
 * gd_scatter_begin. */
gd_status gd_traffic_add(gd_traffic *traffic, const gd_partition *partition, const gd_window *windows,
                         size_t count, bool overlapping, gd_error *error) GD_CHECKED;

/* Adds the gathers of a step's windows, or the scatters of its gradients, as in gd_step_gradient, with
 * `wave_tiles` windows a rank and wave. */
gd_status gd_traffic_add_gathers(gd_traffic *traffic, const gd_partition *partition,
                                 const gd_tile_assignment *assignment, const gd_step_parameters *parameters,
                                 int32_t wave_tiles, gd_error *error) GD_CHECKED;
gd_status gd_traffic_add_scatters(gd_traffic *traffic, const gd_partition *partition,
                                  const gd_tile_assignment *assignment, const gd_step_parameters *parameters,
                                  int32_t wave_tiles, gd_error *error) GD_CHECKED;

#endif
