/* Orders the tiles of a step along the Hilbert curve and gives each rank a run of equal cost. */
#include "tiling/tiles.h"

#include "canvas/hilbert.h"
#include "canvas/partition.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct keyed_tile {
    uint64_t key;
    gd_tile tile;
} keyed_tile;

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const keyed_tile *)a)->key, y = ((const keyed_tile *)b)->key;
    return (x > y) - (x < y);
}

static int64_t modulo(int64_t a, int64_t n)
{
    int64_t r = a % n;
    return r < 0 ? r + n : r;
}

gd_rect gd_unroll(gd_rect rolled, int64_t rows, int64_t cols, int64_t dy, int64_t dx)
{
    rolled.y = modulo(rolled.y - dy, rows);
    rolled.x = modulo(rolled.x - dx, cols);
    return rolled;
}

static keyed_tile key_tile(gd_cut row, gd_cut col, int64_t rows, int64_t cols, int64_t dy, int64_t dx)
{
    keyed_tile keyed = {0};
    keyed.tile.core = (gd_rect){row.core, col.core, row.core_extent, col.core_extent};
    keyed.tile.window = (gd_rect){row.window, col.window, row.window_extent, col.window_extent};
    keyed.tile.focus = (gd_rect){row.focus, col.focus, row.focus_extent, col.focus_extent};
    gd_rect centre = {row.core + row.core_extent / 2, col.core + col.core_extent / 2, 1, 1};
    centre = gd_unroll(centre, rows, cols, dy, dx);
    /* A refinement of the blocks' curve: its order must be theirs plus that of a block, else it has another
     * orientation. */
    uint32_t order = gd_partition_order(rows, cols) + GD_BLOCK_ORDER;
    keyed.key = gd_hilbert(order, (uint32_t)centre.y, (uint32_t)centre.x);
    return keyed;
}

gd_status gd_tiles_assign(const gd_cuts *row_cuts, const gd_cuts *col_cuts, const int64_t *costs,
                          int64_t rows, int64_t cols, int64_t dy, int64_t dx, int32_t ranks, gd_tile *tiles,
                          gd_error *error)
{
    int64_t count = (int64_t)row_cuts->count * col_cuts->count, kept = 0, total = 0, before = 0;
    keyed_tile *keyed = malloc((size_t)count * sizeof *keyed);
    if (!keyed)
        return gd_no_memory(error, "a list of %" PRId64 " tiles", count);
    for (int64_t i = 0; i < count; i++) {
        gd_cut row = row_cuts->cuts[i / col_cuts->count], col = col_cuts->cuts[i % col_cuts->count];
        if (costs[i] == 0)
            continue;
        keyed[kept] = key_tile(row, col, rows, cols, dy, dx);
        keyed[kept++].tile.cost = costs[i];
        total += costs[i];
    }
    qsort(keyed, (size_t)kept, sizeof *keyed, by_key);
    for (int64_t i = 0; i < kept; i++) {
        tiles[i] = keyed[i].tile;
        tiles[i].rank = gd_partition_share(before, tiles[i].cost, total, ranks);
        before += tiles[i].cost;
    }
    free(keyed);
    return GD_OK;
}
