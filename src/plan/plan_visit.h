/* Adds up the memory, traffic and work of a render on any number of ranks: a visitor of its walk. */
#ifndef GD_PLAN_PLAN_VISIT_H
#define GD_PLAN_PLAN_VISIT_H

#include "base/status.h"
#include "canvas/partition.h"
#include "dream/walk.h"
#include "plan/plan_planes.h"
#include "plan/plan_result.h"
#include "plan/traffic.h"
#include "tiling/tile_assignment.h"
#include "transfer/resample_cut.h"

#include <stddef.h>
#include <stdint.h>

/* The visitor's context: the canvases of all ranks, without their pixels. */
typedef struct gd_plan_visit {
    const gd_engine *engine;                 /* borrowed */
    const gd_render_parameters *p;           /* borrowed */
    gd_plan *plan;                           /* borrowed; filled in during the walk, without the sums */
    gd_plan_octave *octave;                  /* in plan->octaves; the one entered last */
    gd_partition *partitions[GD_ROLE_COUNT]; /* owned; NULL: no canvas in this role */
    gd_plan_planes planes;                   /* owned */
    gd_traffic traffic;                      /* owned */
    uint64_t sent_before;                    /* bytes sent before the current phase of this octave */
    gd_window *windows;                      /* owned; [window_capacity] */
    gd_resample_piece *pieces;               /* owned; [window_capacity] */
    size_t window_capacity;
    gd_wave_buffers buffers; /* buffers of the waves' windows, as in the render */
    int32_t wave_ranks;      /* number of first ranks that hold these buffers */
} gd_plan_visit;

/* plan->ranks must be set, and plan->octaves must have space for all octaves. Call gd_plan_visit_end in any
 * case. */
gd_status gd_plan_visit_begin(gd_plan_visit *visit, gd_error *error) GD_CHECKED;
void gd_plan_visit_end(gd_plan_visit *visit);

gd_visitor gd_plan_visitor(int32_t ranks);

#endif
