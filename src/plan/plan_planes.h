/* Where a render's planes would lie, worked out for all ranks as the render makes and frees them. */
#ifndef GD_PLAN_PLAN_PLANES_H
#define GD_PLAN_PLAN_PLANES_H

#include "base/status.h"
#include "canvas/partition.h"
#include "dream/walk.h"

#include <stdint.h>

/* One rank's, in bytes of memory or in slots of a scratch file. */
typedef struct gd_plane_places {
    uint64_t at[GD_ROLE_COUNT], size[GD_ROLE_COUNT]; /* size 0: none is there */
    uint64_t sum;                                    /* the most that was there at once */
    uint64_t end;                                    /* highest that first-fit places have reached */
} gd_plane_places;

typedef struct gd_plan_planes {
    int32_t ranks;
    gd_plane_places *bytes, *slots; /* owned; [ranks] */
} gd_plan_planes;

gd_status gd_plan_planes_create(int32_t ranks, gd_plan_planes *planes, gd_error *error) GD_CHECKED;
void gd_plan_planes_free(gd_plan_planes *planes);

/* Bytes of the planes that are there, on that rank. */
uint64_t gd_plan_planes_now(const gd_plan_planes *planes, int32_t rank);

/* Creates a plane on that partition, on every rank. */
void gd_plan_planes_place(gd_plan_planes *planes, gd_canvas_role role, const gd_partition *partition);

void gd_plan_planes_drop(gd_plan_planes *planes, gd_canvas_role role);

/* Frees the plane `to`, which `from` becomes. */
void gd_plan_planes_become(gd_plan_planes *planes, gd_canvas_role to, gd_canvas_role from);

#endif
