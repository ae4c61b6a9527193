/* Planes in memory or in a block cache, with the same interface: blocks are pinned while in use. */
#include "canvas/plane.h"

#include <stdlib.h>

static int64_t block_count(const gd_plane *plane)
{
    int64_t first, end;
    gd_partition_run(plane->partition, plane->rank, &first, &end);
    return end - first;
}

/* The index of a block among this rank's blocks. */
static int64_t index_of(const gd_plane *plane, int64_t block)
{
    return plane->partition->place[block] - plane->partition->run_start[plane->rank];
}

static int64_t block_values(const gd_plane *plane, int64_t place)
{
    const gd_partition *partition = plane->partition;
    return plane->channels * gd_rect_area(gd_partition_block(partition, partition->order[place]));
}

static gd_status allocate_values(gd_plane *plane, gd_error *error)
{
    void *values = NULL;
    const gd_status status = plane->memory->class->allocate(
        plane->memory, GD_FOR_PLANES, (size_t)plane->value_count * sizeof *plane->values, &values, error);
    plane->values = values;
    return status;
}

static gd_status allocate_blocks(gd_plane *plane, gd_error *error)
{
    const gd_partition *partition = plane->partition;
    const int64_t count = block_count(plane), first = count > 0 ? partition->run_start[plane->rank] : 0;
    for (int64_t i = 0; i < count; i++)
        plane->value_count += block_values(plane, first + i);
    if (count == 0)
        return GD_OK;
    if (plane->store->cache)
        return gd_block_cache_take(plane->store->cache, count, &plane->first_slot, error);
    plane->blocks = malloc((size_t)count * sizeof *plane->blocks);
    if (!plane->blocks)
        return gd_no_memory(error, "a list of %lld blocks", (long long)count);
    const gd_status status = allocate_values(plane, error);
    float *next = plane->values;
    for (int64_t i = 0; status == GD_OK && i < count; i++) {
        plane->blocks[i] = next;
        next += block_values(plane, first + i);
    }
    return status;
}

gd_status gd_plane_create(const gd_store *store, const gd_partition *partition, int32_t rank,
                          gd_plane **plane, gd_error *error)
{
    return gd_plane_create_channels(store, partition, rank, 3, plane, error);
}

gd_status gd_plane_create_channels(const gd_store *store, const gd_partition *partition, int32_t rank,
                                   int32_t channels, gd_plane **out, gd_error *error)
{
    enum { NO_SLOT = -1 };
    *out = NULL;
    gd_plane *plane = calloc(1, sizeof *plane);
    if (!plane)
        return gd_no_memory(error, "a plane");
    *plane = (gd_plane){.partition = partition,
                        .store = store,
                        .memory = store->memory,
                        .rank = rank,
                        .channels = channels,
                        .first_slot = NO_SLOT};
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
    if (plane->first_slot >= 0)
        gd_block_cache_give(plane->store->cache, plane->first_slot, block_count(plane));
    free(plane->blocks);
    free(plane);
}

bool gd_plane_in_memory(const gd_plane *plane)
{
    return plane->store->cache == NULL;
}

gd_status gd_plane_pin(const gd_plane *plane, int64_t block, gd_access access, float **values,
                       gd_error *error)
{
    const int64_t index = index_of(plane, block);
    if (!gd_plane_in_memory(plane))
        return gd_block_cache_pin(plane->store->cache, plane->first_slot + index, access, values, error);
    *values = plane->blocks[index];
    return GD_OK;
}

void gd_plane_unpin(const gd_plane *plane, int64_t block)
{
    if (!gd_plane_in_memory(plane))
        gd_block_cache_unpin(plane->store->cache, plane->first_slot + index_of(plane, block));
}

void gd_plane_ahead(const gd_plane *plane, int64_t block)
{
    if (!gd_plane_in_memory(plane))
        gd_block_cache_ahead(plane->store->cache, plane->first_slot + index_of(plane, block));
}

void gd_plane_forget(gd_plane *plane)
{
    if (plane->first_slot >= 0)
        gd_block_cache_forget(plane->store->cache, plane->first_slot, block_count(plane));
}

static gd_status clear_block(const gd_plane *plane, int64_t place, gd_error *error)
{
    const int64_t block = plane->partition->order[place];
    float *values = NULL;
    gd_status status = gd_plane_pin(plane, block, GD_ACCESS_REPLACE, &values, error);
    if (status != GD_OK)
        return status;
    status = plane->memory->class->clear(plane->memory, values,
                                         (size_t)block_values(plane, place) * sizeof *values, error);
    gd_plane_unpin(plane, block);
    return status;
}

gd_status gd_plane_clear(gd_plane *plane, gd_error *error)
{
    int64_t first, end;
    gd_partition_run(plane->partition, plane->rank, &first, &end);
    gd_status status = GD_OK;
    for (int64_t i = first; status == GD_OK && i < end; i++)
        status = clear_block(plane, i, error);
    return status == GD_OK && first < end ? gd_memory_synchronize(plane->memory, error) : status;
}

static gd_status take_block(const gd_plane *to, const gd_plane *from, int64_t block, gd_error *error)
{
    gd_rect_copy copy = {.to_stride = 1,
                         .from_stride = from->channels,
                         .rows = gd_rect_area(gd_partition_block(to->partition, block)),
                         .floats = 1};
    float *read = NULL;
    gd_status status = gd_plane_pin(from, block, GD_ACCESS_READ, &read, error);
    if (status != GD_OK)
        return status;
    status = gd_plane_pin(to, block, GD_ACCESS_REPLACE, &copy.to, error);
    copy.from = read;
    if (status == GD_OK) {
        status = to->memory->class->copy(to->memory, &copy, 1, error);
        gd_plane_unpin(to, block);
    }
    gd_plane_unpin(from, block);
    return status;
}

gd_status gd_plane_take_channel(gd_plane *to, const gd_plane *from, gd_error *error)
{
    int64_t first, end;
    gd_partition_run(to->partition, to->rank, &first, &end);
    gd_status status = GD_OK;
    for (int64_t i = first; status == GD_OK && i < end; i++)
        status = take_block(to, from, to->partition->order[i], error);
    return status == GD_OK && first < end ? gd_memory_synchronize(to->memory, error) : status;
}
