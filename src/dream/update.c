/* Adds a multiple of one plane to another: in one call in memory, block by block with a block cache. */
#include "dream/update.h"

/* Number of blocks that are read ahead from the scratch file. */
enum { AHEAD = 8 };

static gd_status update_block(const gd_engine *engine, const gd_plane *to, const gd_plane *from,
                              int64_t block, float factor, gd_error *error)
{
    const int64_t count = 3 * gd_rect_area(gd_partition_block(to->partition, block));
    float *canvas = NULL, *gradient = NULL;
    gd_status status = gd_plane_pin(to, block, GD_ACCESS_CHANGE, &canvas, error);
    if (status != GD_OK)
        return status;
    status = gd_plane_pin(from, block, GD_ACCESS_READ, &gradient, error);
    if (status == GD_OK) {
        status = engine->backend->update(engine->device, canvas, gradient, count, factor, error);
        gd_plane_unpin(from, block);
    }
    gd_plane_unpin(to, block);
    return status;
}

static gd_status update_blocks(const gd_engine *engine, const gd_plane *to, const gd_plane *from,
                               float factor, gd_error *error)
{
    const gd_partition *partition = to->partition;
    int64_t first, end;
    gd_partition_run(partition, to->rank, &first, &end);
    gd_status status = GD_OK;
    for (int64_t i = first; status == GD_OK && i < end; i++) {
        if (i + AHEAD < end) {
            gd_plane_ahead(to, partition->order[i + AHEAD]);
            gd_plane_ahead(from, partition->order[i + AHEAD]);
        }
        status = update_block(engine, to, from, partition->order[i], factor, error);
    }
    return status;
}

gd_status gd_update(const gd_engine *engine, gd_plane *to, const gd_plane *from, float factor,
                    gd_error *error)
{
    gd_status status = GD_OK;
    if (to->value_count == 0)
        return GD_OK;
    if (gd_plane_in_memory(to))
        status =
            engine->backend->update(engine->device, to->values, from->values, to->value_count, factor, error);
    else
        status = update_blocks(engine, to, from, factor, error);
    return status == GD_OK ? gd_engine_finish(engine, error) : status;
}
