/* Walks and divides convolutions in tiles. */
#include "kernels/cpu/tiles/plan.h"

#include "base/minmax.h"

enum {
    TASKS = 48,      /* or more, where the shape has as many: for eight threads on any cores */
    CACHE = 1 << 19, /* a quarter of a core's second-level cache */
    PIXEL = GD_TILE_BLOCK * sizeof(uint16_t)
};

/* The same pixels of a block as one row, where a kernel of one column leaves every pixel in its column: then
 * only the first and last tile of a grid are not as they lie in memory. */
static gd_tile_walk flattened(const gd_tile_walk *w)
{
    return (gd_tile_walk){.pixels = w->pixels,
                          .cols = w->pixels,
                          .src_rows = 1,
                          .src_cols = w->src_rows * w->src_cols,
                          .kernel_rows = 1,
                          .kernel_cols = w->kernel_rows,
                          .stride = 1,
                          .pad_cols = w->pad_rows * w->cols,
                          .tap_step = w->cols};
}

gd_tile_walk gd_tile_walk_of(const gd_tile_conv *c)
{
    const gd_tile_walk w = {.pixels = c->rows * c->cols,
                            .cols = c->cols,
                            .src_rows = c->src_rows,
                            .src_cols = c->src_cols,
                            .kernel_rows = c->pack->kernel_rows,
                            .kernel_cols = c->pack->kernel_cols,
                            .stride = c->stride,
                            .pad_rows = c->pad_rows,
                            .pad_cols = c->pad_cols,
                            .tap_step = 1};
    const bool columns = c->pack->src_blocks > 0 && c->stride == 1 && c->pack->kernel_cols == 1 &&
                         c->pad_cols == 0 && c->cols == c->src_cols;
    return columns ? flattened(&w) : w;
}

static int32_t up(int32_t count, int32_t by)
{
    return (count + by - 1) / by;
}

/* Pieces whose pixels stay in the second-level cache while the blocks pass; where these are few, weights are
 * divided rather than pixels, so that each is read once. */
gd_tile_cut gd_tile_cut_of(const gd_tile_conv *c, const gd_tile_walk *w)
{
    const int32_t blocks = gd_max_i32(1, c->pack->src_blocks), stride = c->stride;
    const int64_t bytes = (int64_t)GD_TILE_PIXELS * PIXEL * blocks * stride * stride;
    const int32_t fit = bytes < CACHE ? (int32_t)(CACHE / bytes) : 1;
    gd_tile_cut made = {.groups = up(w->pixels, GD_TILE_PIXELS)};
    made.pieces = up(made.groups, fit);
    made.splits = gd_min_i32(c->pack->dst_blocks, up(TASKS, made.pieces));
    if (2 * made.splits > c->pack->dst_blocks) /* else some would have two blocks, and some one */
        made.splits = c->pack->dst_blocks;
    made.pieces = gd_min_i32(made.groups, gd_max_i32(made.pieces, up(TASKS, made.splits)));
    return made;
}

int32_t gd_tile_part(int32_t whole, int32_t index, int32_t parts)
{
    return (int32_t)((int64_t)whole * index / parts);
}
