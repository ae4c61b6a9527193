/* Cuts Winograd convolutions into tiles and chunks for the team, and packs their weights. */
#include "kernels/cpu/winograd_pack.h"

#include "base/minmax.h"
#include "kernels/cpu/team.h"

enum { TILE = 4, TAPS_MAX = 7, POINTS_MAX = TILE + TAPS_MAX - 1 };

bool gd_winograd_has(int32_t kernel_rows, int32_t kernel_cols)
{
    int32_t long_side = kernel_rows > kernel_cols ? kernel_rows : kernel_cols;
    int32_t short_side = kernel_rows > kernel_cols ? kernel_cols : kernel_rows;
    if (short_side == 1)
        return long_side == 1 || long_side == 3 || long_side == 7;
    return short_side == long_side && (long_side == 3 || long_side == 5);
}

/* Tiles in a group: many, so that weights are read less often, but two groups for each thread, and units and
 * products in a quarter of a core's second-level cache. Products without points go through their units but
 * once for each chunk, and their weights may be many times as large. */
static int32_t group_tiles(const gd_winograd_shape *shape, const gd_winograd_cut *cut)
{
    enum { MOST = 192, FEW = 48, CACHE = 1 << 19, STEP = GD_WINOGRAD_ACCUMULATORS };
    int32_t channels = shape->src_channels + GD_WINOGRAD_CHUNK * GD_WINOGRAD_BLOCK;
    int32_t fit = cut->points > 1 ? CACHE / ((int32_t)sizeof(float) * cut->points * channels) : MOST;
    int32_t most = gd_min_i32(gd_min_i32(cut->tiles / (2 * GD_TEAM), fit), MOST);
    if (cut->points == 1 && most < FEW)
        most = FEW;
    most = most < STEP ? STEP : most / STEP * STEP;
    int32_t groups = (cut->tiles + most - 1) / most;
    return ((cut->tiles + groups - 1) / groups + STEP - 1) / STEP * STEP;
}

gd_winograd_cut gd_winograd_cuts(const gd_winograd_shape *shape)
{
    gd_winograd_cut cut = {.tile_rows = shape->kernel_rows > 1 ? TILE : 1,
                           .tile_cols = shape->kernel_cols > 1 ? TILE : 1};
    cut.point_rows = cut.tile_rows + shape->kernel_rows - 1;
    cut.point_cols = cut.tile_cols + shape->kernel_cols - 1;
    cut.points = cut.point_rows * cut.point_cols;
    cut.across = (shape->dst_cols + cut.tile_cols - 1) / cut.tile_cols;
    cut.tiles = (shape->dst_rows + cut.tile_rows - 1) / cut.tile_rows * cut.across;
    cut.group = group_tiles(shape, &cut);
    cut.groups = (cut.tiles + cut.group - 1) / cut.group;
    cut.chunks = (shape->dst_channels / GD_WINOGRAD_BLOCK + GD_WINOGRAD_CHUNK - 1) / GD_WINOGRAD_CHUNK;
    cut.splits = cut.groups < GD_TEAM ? 2 * GD_TEAM / cut.groups : 1;
    if (cut.splits > cut.chunks)
        cut.splits = cut.chunks;
    return cut;
}

int32_t gd_winograd_chunk(int32_t chunk, int32_t chunks, int32_t blocks)
{
    return blocks * chunk / chunks;
}

size_t gd_winograd_scratch(const gd_winograd_shape *shape)
{
    gd_winograd_cut cut = gd_winograd_cuts(shape);
    size_t channels = (size_t)shape->src_channels + (size_t)GD_WINOGRAD_CHUNK * GD_WINOGRAD_BLOCK;
    return GD_TEAM * sizeof(float) * (size_t)cut.points * (size_t)cut.group * channels;
}

size_t gd_winograd_floats(const gd_winograd_shape *shape)
{
    gd_winograd_cut cut = gd_winograd_cuts(shape);
    return (size_t)cut.points * (size_t)shape->src_channels * (size_t)shape->dst_channels;
}

/* transform[points][taps]: a kernel's polynomial at each point, over the product of the point's distances to
 * the other finite ones. */
static void kernel_transform(int points, int taps, double transform[POINTS_MAX][TAPS_MAX])
{
    static const double at[POINTS_MAX - 1] = {0, 1, -1, 2, -2, 0.5, -0.5, 1.5, -1.5};
    for (int p = 0; p < points; p++)
        for (int k = 0; k < taps; k++)
            transform[p][k] = k == taps - 1; /* of infinity, and of an axis with one tap */
    for (int p = 0; p < points - 1; p++) {
        double value = 1;
        for (int q = 0; q < points - 1; q++)
            value /= q == p ? 1 : at[p] - at[q];
        for (int k = 0; k < taps; k++, value *= at[p])
            transform[p][k] = value;
    }
}

typedef struct transforms {
    double down[POINTS_MAX][TAPS_MAX], across[POINTS_MAX][TAPS_MAX];
} transforms;

/* The points of GD_WINOGRAD_BLOCK kernels, `next` floats apart, side by side; points are `step` floats apart.
 */
static void pack_block(const gd_winograd_shape *shape, const gd_winograd_cut *cut, const transforms *by,
                       const float *kernels, ptrdiff_t next, float *to, ptrdiff_t step)
{
    enum { BLOCK = GD_WINOGRAD_BLOCK };
    double taps[TAPS_MAX][TAPS_MAX][BLOCK];
    for (int o = 0; o < BLOCK; o++)
        for (int y = 0; y < shape->kernel_rows; y++)
            for (int x = 0; x < shape->kernel_cols; x++)
                taps[y][x][o] = kernels[o * next + y * shape->kernel_cols + x];
    for (int p = 0; p < cut->point_rows; p++) {
        double row[TAPS_MAX][BLOCK] = {{0}};
        for (int y = 0; y < shape->kernel_rows; y++)
            for (int x = 0; x < shape->kernel_cols; x++)
                for (int o = 0; o < BLOCK; o++)
                    row[x][o] += by->down[p][y] * taps[y][x][o];
        for (int q = 0; q < cut->point_cols; q++, to += step) {
            double sum[BLOCK] = {0};
            for (int x = 0; x < shape->kernel_cols; x++)
                for (int o = 0; o < BLOCK; o++)
                    sum[o] += by->across[q][x] * row[x][o];
            for (int o = 0; o < BLOCK; o++)
                to[o] = (float)sum[o];
        }
    }
}

void gd_winograd_pack(const gd_winograd_shape *shape, const float *kernel, float *packed)
{
    gd_winograd_cut cut = gd_winograd_cuts(shape);
    transforms by;
    int32_t blocks = shape->dst_channels / GD_WINOGRAD_BLOCK, src = shape->src_channels;
    ptrdiff_t taps = (ptrdiff_t)shape->kernel_rows * shape->kernel_cols;
    kernel_transform(cut.point_rows, shape->kernel_rows, by.down);
    kernel_transform(cut.point_cols, shape->kernel_cols, by.across);
#pragma omp parallel for collapse(2) schedule(static)
    for (int32_t chunk = 0; chunk < cut.chunks; chunk++)
        for (int32_t i = 0; i < src; i++) {
            int32_t first = gd_winograd_chunk(chunk, cut.chunks, blocks);
            int32_t end = gd_winograd_chunk(chunk + 1, cut.chunks, blocks);
            ptrdiff_t width = (ptrdiff_t)(end - first) * GD_WINOGRAD_BLOCK;
            float *to = packed + (ptrdiff_t)first * GD_WINOGRAD_BLOCK * cut.points * src + i * width;
            for (int32_t b = first; b < end; b++)
                pack_block(shape, &cut, &by, kernel + ((ptrdiff_t)b * GD_WINOGRAD_BLOCK * src + i) * taps,
                           src * taps, to + (ptrdiff_t)(b - first) * GD_WINOGRAD_BLOCK, src * width);
        }
}
