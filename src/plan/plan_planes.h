/* Simulates where a render allocates its planes, on all ranks. */
#ifndef GD_PLAN_PLAN_PLANES_H
#define GD_PLAN_PLAN_PLANES_H

#include "base/status.h"
#include "canvas/partition.h"
#include "dream/walk.h"

#include <stdint.h>

/* Planes of one rank, in bytes of memory or slots of a scratch file. */
typedef struct gd_plane_places {
    uint64_t at[GD_ROLE_COUNT], size[GD_ROLE_COUNT]; /* size 0: no plane */
    uint64_t sum;                                    /* peak of the total size */
    uint64_t end;                                    /* highest end of a first-fit place so far */
} gd_plane_places;

typedef struct gd_plan_planes {
    int32_t ranks;
    gd_plane_places *bytes, *slots; /* owned; [ranks] */
} gd_plan_planes;

gd_status gd_plan_planes_create(int32_t ranks, gd_plan_planes *planes, gd_error *error) GD_CHECKED;
void gd_plan_planes_free(gd_plan_planes *planes);

/* Bytes of the current planes of `rank`. */
uint64_t gd_plan_planes_now(const gd_plan_planes *planes, int32_t rank);

/* Creates a plane with `partition` on every rank. */
void gd_plan_planes_place(gd_plan_planes *planes, gd_canvas_role role, const gd_partition *partition);

void gd_plan_planes_drop(gd_plan_planes *planes, gd_canvas_role role);

/* Moves plane `from` to role `to`, whose plane is freed. */
void gd_plan_planes_become(gd_plan_planes *planes, gd_canvas_role to, gd_canvas_role from);

#endif
