/* Orders the blocks of a canvas along a Hilbert curve and gives each rank a run of equal area. */
#include "canvas/partition.h"

#include "base/minmax.h"
#include "canvas/hilbert.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct keyed_block {
    uint64_t key;
    int64_t block;
} keyed_block;

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const keyed_block *)a)->key, y = ((const keyed_block *)b)->key;
    return (x > y) - (x < y);
}

static gd_status order_blocks(gd_partition *partition, gd_error *error)
{
    int64_t count = partition->block_rows * partition->block_cols;
    uint32_t order = gd_partition_order(partition->rows, partition->cols);
    keyed_block *keyed = malloc((size_t)count * sizeof *keyed);
    if (!keyed)
        return gd_no_memory(error, "a list of %" PRId64 " blocks", count);
    for (int64_t block = 0; block < count; block++) {
        uint32_t y = (uint32_t)(block / partition->block_cols), x = (uint32_t)(block % partition->block_cols);
        keyed[block] = (keyed_block){gd_hilbert(order, y, x), block};
    }
    qsort(keyed, (size_t)count, sizeof *keyed, by_key);
    for (int64_t i = 0; i < count; i++) {
        partition->order[i] = keyed[i].block;
        partition->place[keyed[i].block] = i;
    }
    free(keyed);
    return GD_OK;
}

static void assign_blocks(gd_partition *partition)
{
    int64_t count = partition->block_rows * partition->block_cols, before = 0;
    int32_t rank = 0;
    partition->run_start[0] = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t area = gd_rect_area(gd_partition_block(partition, partition->order[i]));
        int32_t owner = gd_partition_share(before, area, partition->rows * partition->cols, partition->ranks);
        while (rank < owner)
            partition->run_start[++rank] = i;
        partition->owner[partition->order[i]] = owner;
        before += area;
    }
    while (rank < partition->ranks)
        partition->run_start[++rank] = count;
}

gd_status gd_partition_create(int64_t rows, int64_t cols, int32_t ranks, gd_partition **out, gd_error *error)
{
    *out = NULL;
    if (rows < 1 || cols < 1 || ranks < 1 || rows > INT64_C(1) << 30 || cols > INT64_C(1) << 30)
        return gd_fail(error, GD_INTERNAL, "no partition of %" PRId64 "x%" PRId64 " pixels on %d ranks", cols,
                       rows, ranks);
    gd_partition *partition = calloc(1, sizeof *partition);
    if (!partition)
        return gd_no_memory(error, "a partition");
    partition->rows = rows;
    partition->cols = cols;
    partition->block_rows = (rows + GD_BLOCK - 1) / GD_BLOCK;
    partition->block_cols = (cols + GD_BLOCK - 1) / GD_BLOCK;
    partition->ranks = ranks;
    size_t count = (size_t)(partition->block_rows * partition->block_cols);
    partition->order = malloc(count * sizeof *partition->order);
    partition->place = malloc(count * sizeof *partition->place);
    partition->owner = malloc(count * sizeof *partition->owner);
    partition->run_start = malloc(((size_t)ranks + 1) * sizeof *partition->run_start);
    gd_status status = GD_OK;
    if (!partition->order || !partition->place || !partition->owner || !partition->run_start)
        status = gd_no_memory(error, "a partition of %zu blocks", count);
    else
        status = order_blocks(partition, error);
    if (status != GD_OK) {
        gd_partition_free(partition);
        return status;
    }
    assign_blocks(partition);
    *out = partition;
    return GD_OK;
}

void gd_partition_free(gd_partition *partition)
{
    if (!partition)
        return;
    free(partition->order);
    free(partition->place);
    free(partition->owner);
    free(partition->run_start);
    free(partition);
}

void gd_partition_run(const gd_partition *partition, int32_t rank, int64_t *first, int64_t *end)
{
    const bool among = rank < partition->ranks;
    *first = partition->run_start[among ? rank : partition->ranks];
    *end = partition->run_start[among ? rank + 1 : partition->ranks];
}

int32_t gd_partition_owner(const gd_partition *partition, int64_t block)
{
    return partition->owner[block];
}

gd_rect gd_partition_block(const gd_partition *partition, int64_t block)
{
    gd_rect whole = {0, 0, partition->rows, partition->cols};
    gd_rect square = {block / partition->block_cols * GD_BLOCK, block % partition->block_cols * GD_BLOCK,
                      GD_BLOCK, GD_BLOCK};
    return gd_rect_intersect(square, whole);
}

uint32_t gd_partition_order(int64_t rows, int64_t cols)
{
    const int64_t longest = gd_max_i64(rows, cols);
    uint32_t order = 0;
    while ((int64_t)GD_BLOCK << order < longest)
        order++;
    return order;
}

int32_t gd_partition_share(int64_t before, int64_t cost, int64_t total, int32_t ranks)
{
    __int128 middle = (__int128)before * 2 + cost;
    return (int32_t)(middle * ranks / ((__int128)total * 2));
}
