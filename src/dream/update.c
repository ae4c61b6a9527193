/* Changes one plane by another: in one call in memory, block by block with a block cache. */
#include "dream/update.h"

/* Number of blocks that are read ahead from the scratch file. */
enum { AHEAD = 8 };

/* What is done to `count` floats of a plane, with those of the other. */
typedef struct change {
    const gd_engine *engine;
    float factor;
    const gd_blend *blend; /* NULL: the other's multiple by `factor` is added */
    const double *keep;    /* not NULL: the share of what is changed, and the rest is the other's */
} change;

static gd_status apply(const change *c, float *to, const float *from, int64_t count, gd_error *error)
{
    const gd_backend *backend = c->engine->backend;
    if (c->keep) /* block by block, which are rows of a length that all devices take */
        return backend->mix(c->engine->device, to, count, from, count, 1, count, (float)*c->keep,
                            (float)(1 - *c->keep), error);
    if (!c->blend)
        return backend->update(c->engine->device, to, from, count, c->factor, error);
    return backend->blend(c->engine->device, to, from, count / 3, (float)c->blend->strength,
                          c->blend->keep_colors, error);
}

static gd_status apply_to_block(const change *c, const gd_plane *to, const gd_plane *from, int64_t block,
                                gd_error *error)
{
    const int64_t count = 3 * gd_rect_area(gd_partition_block(to->partition, block));
    float *changed = NULL, *read = NULL;
    gd_status status = gd_plane_pin(to, block, GD_ACCESS_CHANGE, &changed, error);
    if (status != GD_OK)
        return status;
    status = gd_plane_pin(from, block, GD_ACCESS_READ, &read, error);
    if (status == GD_OK) {
        status = apply(c, changed, read, count, error);
        gd_plane_unpin(from, block);
    }
    gd_plane_unpin(to, block);
    return status;
}

static gd_status apply_to_blocks(const change *c, const gd_plane *to, const gd_plane *from, gd_error *error)
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
        status = apply_to_block(c, to, from, partition->order[i], error);
    }
    return status;
}

static gd_status apply_to_plane(const change *c, gd_plane *to, const gd_plane *from, gd_error *error)
{
    gd_status status = GD_OK;
    if (to->value_count == 0)
        return GD_OK;
    if (gd_plane_in_memory(to) && !c->keep)
        status = apply(c, to->values, from->values, to->value_count, error);
    else
        status = apply_to_blocks(c, to, from, error);
    return status == GD_OK ? gd_engine_finish(c->engine, error) : status;
}

gd_status gd_update(const gd_engine *engine, gd_plane *to, const gd_plane *from, float factor,
                    gd_error *error)
{
    return apply_to_plane(&(change){.engine = engine, .factor = factor}, to, from, error);
}

gd_status gd_blend_planes(const gd_engine *engine, gd_plane *dream, const gd_plane *input,
                          const gd_blend *blend, gd_error *error)
{
    return apply_to_plane(&(change){.engine = engine, .blend = blend}, dream, input, error);
}

gd_status gd_mix_planes(const gd_engine *engine, gd_plane *to, const gd_plane *from, double keep,
                        gd_error *error)
{
    return apply_to_plane(&(change){.engine = engine, .keep = &keep}, to, from, error);
}
