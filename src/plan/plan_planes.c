/* Computes the offsets of planes in memory for all ranks, as a render allocates and frees them. */
#include "plan/plan_planes.h"

#include "base/round.h"

#include <stdlib.h>

enum { PLACE_ALIGNMENT = 256 };

gd_status gd_plan_planes_create(int32_t ranks, gd_plan_planes *planes, gd_error *error)
{
    *planes = (gd_plan_planes){.ranks = ranks};
    planes->bytes = calloc((size_t)ranks, sizeof *planes->bytes);
    planes->slots = calloc((size_t)ranks, sizeof *planes->slots);
    if (planes->bytes && planes->slots)
        return GD_OK;
    gd_plan_planes_free(planes);
    return gd_no_memory(error, "the plan of %d ranks", ranks);
}

void gd_plan_planes_free(gd_plan_planes *planes)
{
    free(planes->bytes);
    free(planes->slots);
    *planes = (gd_plan_planes){0};
}

static uint64_t run_bytes(const gd_partition *partition, gd_canvas_role role, int64_t first, int64_t end)
{
    const int64_t channels = role == GD_ROLE_MASK ? 1 : 3;
    int64_t area = 0;
    for (int64_t i = first; i < end; i++)
        area += gd_rect_area(gd_partition_block(partition, partition->order[i]));
    return (uint64_t)gd_round_up(area * channels * (int64_t)sizeof(float), PLACE_ALIGNMENT);
}

/* The lowest place that no plane overlaps. */
static uint64_t first_fit(const gd_plane_places *p, uint64_t size)
{
    uint64_t at = 0;
    for (int i = 0; i < GD_ROLE_COUNT; i++) {
        if (p->size[i] > 0 && p->at[i] < at + size && at < p->at[i] + p->size[i]) {
            at = p->at[i] + p->size[i];
            i = -1;
        }
    }
    return at;
}

static uint64_t sum_of(const gd_plane_places *p)
{
    uint64_t sum = 0;
    for (int i = 0; i < GD_ROLE_COUNT; i++)
        sum += p->size[i];
    return sum;
}

uint64_t gd_plan_planes_now(const gd_plan_planes *planes, int32_t rank)
{
    return sum_of(&planes->bytes[rank]);
}

static void place_one(gd_plane_places *p, gd_canvas_role role, uint64_t size)
{
    const uint64_t at = first_fit(p, size);
    p->at[role] = at;
    p->size[role] = size;
    const uint64_t sum = sum_of(p);
    p->sum = sum > p->sum ? sum : p->sum;
    p->end = at + size > p->end ? at + size : p->end;
}

void gd_plan_planes_place(gd_plan_planes *planes, gd_canvas_role role, const gd_partition *partition)
{
    for (int32_t r = 0; r < planes->ranks; r++) {
        int64_t first, end;
        gd_partition_run(partition, r, &first, &end);
        place_one(&planes->bytes[r], role, run_bytes(partition, role, first, end));
        place_one(&planes->slots[r], role, (uint64_t)(end - first));
    }
}

void gd_plan_planes_drop(gd_plan_planes *planes, gd_canvas_role role)
{
    for (int32_t r = 0; r < planes->ranks; r++)
        planes->bytes[r].size[role] = planes->slots[r].size[role] = 0;
}

static void become_one(gd_plane_places *p, gd_canvas_role to, gd_canvas_role from)
{
    p->at[to] = p->at[from];
    p->size[to] = p->size[from];
    p->size[from] = 0;
}

void gd_plan_planes_become(gd_plan_planes *planes, gd_canvas_role to, gd_canvas_role from)
{
    for (int32_t r = 0; r < planes->ranks; r++) {
        become_one(&planes->bytes[r], to, from);
        become_one(&planes->slots[r], to, from);
    }
}
