#include "dream/layout.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { PLANE_ALIGNMENT = 64 };

static gd_status allocate_blocks(gd_plane *plane, gd_error *error)
{
    const gd_layout *layout = plane->layout;
    int64_t first = layout->run_start[plane->rank], end = layout->run_start[plane->rank + 1];
    for (int64_t i = first; i < end; i++)
        plane->value_count += 3 * gd_rect_area(gd_layout_block(layout, layout->order[i]));
    size_t bytes = (size_t)plane->value_count * sizeof *plane->values;
    bytes = (bytes + PLANE_ALIGNMENT) / PLANE_ALIGNMENT * PLANE_ALIGNMENT;
    plane->values = aligned_alloc(PLANE_ALIGNMENT, bytes);
    plane->blocks = malloc((size_t)(end - first + 1) * sizeof *plane->blocks);
    if (!plane->values || !plane->blocks)
        return gd_fail(error, GD_MEMORY,
                       "no memory for this rank's part of a picture, %zu MB; use more ranks or nodes",
                       bytes >> 20);
    float *next = plane->values;
    for (int64_t i = first; i < end; i++) {
        plane->blocks[i - first] = next;
        next += 3 * gd_rect_area(gd_layout_block(layout, layout->order[i]));
    }
    return GD_OK;
}

gd_status gd_plane_create(const gd_layout *layout, int32_t rank, gd_plane **out, gd_error *error)
{
    *out = NULL;
    gd_plane *plane = calloc(1, sizeof *plane);
    if (!plane)
        return gd_fail(error, GD_MEMORY, "no memory for a plane");
    plane->layout = layout;
    plane->rank = rank;
    gd_status status = allocate_blocks(plane, error);
    if (status != GD_OK) {
        gd_plane_free(plane);
        return status;
    }
#ifdef GD_POISON
    for (int64_t i = 0; i < plane->value_count; i++)
        plane->values[i] = NAN;
#endif
    *out = plane;
    return GD_OK;
}

void gd_plane_free(gd_plane *plane)
{
    if (!plane)
        return;
    free(plane->values);
    free(plane->blocks);
    free(plane);
}

float *gd_plane_block(const gd_plane *plane, int64_t block)
{
    return plane->blocks[plane->layout->place[block] - plane->layout->run_start[plane->rank]];
}
