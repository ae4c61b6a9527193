#include "dream/layout.h"

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

static gd_status order_blocks(gd_layout *layout, gd_error *error)
{
    int64_t count = layout->block_rows * layout->block_cols;
    uint32_t order = gd_layout_order(layout->rows, layout->cols);
    keyed_block *keyed = malloc((size_t)count * sizeof *keyed);
    if (!keyed)
        return gd_fail(error, GD_MEMORY, "no memory to order %" PRId64 " blocks", count);
    for (int64_t block = 0; block < count; block++) {
        uint32_t y = (uint32_t)(block / layout->block_cols), x = (uint32_t)(block % layout->block_cols);
        keyed[block] = (keyed_block){gd_hilbert(order, y, x), block};
    }
    qsort(keyed, (size_t)count, sizeof *keyed, by_key);
    for (int64_t i = 0; i < count; i++) {
        layout->order[i] = keyed[i].block;
        layout->place[keyed[i].block] = i;
    }
    free(keyed);
    return GD_OK;
}

static void deal_blocks(gd_layout *layout)
{
    int64_t count = layout->block_rows * layout->block_cols, before = 0;
    int32_t rank = 0;
    layout->run_start[0] = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t area = gd_rect_area(gd_layout_block(layout, layout->order[i]));
        int32_t owner = gd_layout_share(before, area, layout->rows * layout->cols, layout->ranks);
        while (rank < owner)
            layout->run_start[++rank] = i;
        layout->owner[layout->order[i]] = owner;
        before += area;
    }
    while (rank < layout->ranks)
        layout->run_start[++rank] = count;
}

gd_status gd_layout_create(int64_t rows, int64_t cols, int32_t ranks, gd_layout **out, gd_error *error)
{
    *out = NULL;
    if (rows < 1 || cols < 1 || ranks < 1 || rows > INT64_C(1) << 30 || cols > INT64_C(1) << 30)
        return gd_fail(error, GD_INTERNAL, "no layout for %" PRId64 "x%" PRId64 " pixels on %d ranks", cols,
                       rows, ranks);
    gd_layout *layout = calloc(1, sizeof *layout);
    if (!layout)
        return gd_fail(error, GD_MEMORY, "no memory for a layout");
    layout->rows = rows;
    layout->cols = cols;
    layout->block_rows = (rows + GD_BLOCK - 1) / GD_BLOCK;
    layout->block_cols = (cols + GD_BLOCK - 1) / GD_BLOCK;
    layout->ranks = ranks;
    size_t count = (size_t)(layout->block_rows * layout->block_cols);
    layout->order = malloc(count * sizeof *layout->order);
    layout->place = malloc(count * sizeof *layout->place);
    layout->owner = malloc(count * sizeof *layout->owner);
    layout->run_start = malloc(((size_t)ranks + 1) * sizeof *layout->run_start);
    gd_status status = GD_OK;
    if (!layout->order || !layout->place || !layout->owner || !layout->run_start)
        status = gd_fail(error, GD_MEMORY, "no memory for a layout of %zu blocks", count);
    else
        status = order_blocks(layout, error);
    if (status != GD_OK) {
        gd_layout_free(layout);
        return status;
    }
    deal_blocks(layout);
    *out = layout;
    return GD_OK;
}

void gd_layout_free(gd_layout *layout)
{
    if (!layout)
        return;
    free(layout->order);
    free(layout->place);
    free(layout->owner);
    free(layout->run_start);
    free(layout);
}

void gd_layout_run(const gd_layout *layout, int32_t rank, int64_t *first, int64_t *end)
{
    const bool among = rank < layout->ranks;
    *first = layout->run_start[among ? rank : layout->ranks];
    *end = layout->run_start[among ? rank + 1 : layout->ranks];
}

int32_t gd_layout_owner(const gd_layout *layout, int64_t block)
{
    return layout->owner[block];
}

gd_rect gd_layout_block(const gd_layout *layout, int64_t block)
{
    gd_rect whole = {0, 0, layout->rows, layout->cols};
    gd_rect square = {block / layout->block_cols * GD_BLOCK, block % layout->block_cols * GD_BLOCK, GD_BLOCK,
                      GD_BLOCK};
    return gd_rect_intersect(square, whole);
}
