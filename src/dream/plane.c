#include "dream/layout.h"

#include <stdlib.h>

static gd_status allocate_blocks(gd_plane *plane, gd_error *error)
{
    const gd_layout *layout = plane->layout;
    int64_t first, end;
    gd_layout_run(layout, plane->rank, &first, &end);
    for (int64_t i = first; i < end; i++)
        plane->value_count += 3 * gd_rect_area(gd_layout_block(layout, layout->order[i]));
    plane->blocks = malloc((size_t)(end - first + 1) * sizeof *plane->blocks);
    if (!plane->blocks)
        return gd_fail(error, GD_MEMORY, "no memory for a list of %lld blocks", (long long)(end - first));
    if (plane->value_count == 0)
        return GD_OK;
    void *values = NULL;
    gd_status status = plane->memory->class->allocate(
        plane->memory, GD_FOR_PLANES, (size_t)plane->value_count * sizeof *plane->values, &values, error);
    if (status != GD_OK)
        return status;
    plane->values = values;
    float *next = plane->values;
    for (int64_t i = first; i < end; i++) {
        plane->blocks[i - first] = next;
        next += 3 * gd_rect_area(gd_layout_block(layout, layout->order[i]));
    }
    return GD_OK;
}

gd_status gd_plane_create(gd_memory *memory, const gd_layout *layout, int32_t rank, gd_plane **out,
                          gd_error *error)
{
    *out = NULL;
    gd_plane *plane = calloc(1, sizeof *plane);
    if (!plane)
        return gd_fail(error, GD_MEMORY, "no memory for a plane");
    plane->layout = layout;
    plane->memory = memory;
    plane->rank = rank;
    gd_status status = allocate_blocks(plane, error);
    if (status != GD_OK) {
        gd_plane_free(plane);
        return status;
    }
    *out = plane;
    return GD_OK;
}

void gd_plane_free(gd_plane *plane)
{
    if (!plane)
        return;
    gd_memory_release(plane->memory, GD_FOR_PLANES, &plane->values);
    free(plane->blocks);
    free(plane);
}

float *gd_plane_block(const gd_plane *plane, int64_t block)
{
    return plane->blocks[plane->layout->place[block] - plane->layout->run_start[plane->rank]];
}

gd_status gd_plane_clear(gd_plane *plane, gd_error *error)
{
    const double seconds = 300;
    gd_memory *memory = plane->memory;
    if (plane->value_count == 0)
        return GD_OK;
    gd_status status = memory->class->clear(memory, plane->values,
                                            (size_t)plane->value_count * sizeof *plane->values, error);
    return status == GD_OK ? gd_memory_settle(memory, seconds, error) : status;
}
