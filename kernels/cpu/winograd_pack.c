/* What surrounds the Winograd kernels: how work is cut, scratch, weights. */
#include "kernels/cpu/team.h"
#include "kernels/cpu/winograd.h"

enum { BLOCK = 16, SIDE = 6 };

gd_winograd_cut gd_winograd_cuts(int32_t dst_blocks, int32_t dst_rows, int32_t dst_cols, int32_t kernel)
{
    gd_winograd_cut cut = {.tile = SIDE + 1 - kernel};
    cut.down = (dst_rows + cut.tile - 1) / cut.tile;
    cut.across = (dst_cols + cut.tile - 1) / cut.tile;
    int32_t tiles = cut.down * cut.across;
    /* Large groups read the weights less often, small ones keep every thread busy. */
    cut.group = tiles >= 2 * GD_TEAM * GD_WINOGRAD_GROUP ? GD_WINOGRAD_GROUP : GD_WINOGRAD_GROUP / 2;
    cut.groups = (tiles + cut.group - 1) / cut.group;
    cut.chunks = (dst_blocks + GD_WINOGRAD_CHUNK - 1) / GD_WINOGRAD_CHUNK;
    return cut;
}

int32_t gd_winograd_chunk(int32_t chunk, int32_t chunks, int32_t blocks)
{
    return blocks * chunk / chunks;
}

size_t gd_winograd_scratch(int32_t src_channels, int32_t dst_channels, int32_t dst_rows, int32_t dst_cols,
                           int32_t kernel)
{
    gd_winograd_cut cut = gd_winograd_cuts(dst_channels / BLOCK, dst_rows, dst_cols, kernel);
    size_t channels = (size_t)src_channels + (size_t)GD_WINOGRAD_CHUNK * BLOCK;
    return GD_TEAM * sizeof(float) * GD_WINOGRAD_POINTS * (size_t)cut.group * channels;
}

size_t gd_winograd_floats(int32_t src_channels, int32_t dst_channels)
{
    return (size_t)GD_WINOGRAD_POINTS * (size_t)src_channels * (size_t)dst_channels;
}

/* to[6] = G from[k], at a stride of `step` both: the values of the kernel's polynomial at the points, over
 * the product of the point's distances to the others. */
static void spread_kernel(const double *from, int k, int step, double *to)
{
    static const double points[SIDE - 1] = {0, 1, -1, 2, -2};
    static const double scales[SIDE - 1] = {1.0 / 4, -1.0 / 6, -1.0 / 6, 1.0 / 24, 1.0 / 24};
    for (int p = 0; p < SIDE - 1; p++) {
        double sum = 0;
        for (int i = k - 1; i >= 0; i--)
            sum = sum * points[p] + from[i * step];
        to[p * step] = sum * scales[p];
    }
    to[(SIDE - 1) * step] = from[(k - 1) * step];
}

/* out[36] = G kernel G^T. */
static void transform_kernel(const float *kernel, int k, double out[GD_WINOGRAD_POINTS])
{
    double rows[SIDE * SIDE] = {0}; /* k rows of the kernel, then spread down */
    double square[SIDE * SIDE] = {0};
    for (int y = 0; y < k; y++)
        for (int x = 0; x < k; x++)
            square[y * SIDE + x] = kernel[y * k + x];
    for (int x = 0; x < k; x++)
        spread_kernel(square + x, k, SIDE, rows + x);
    for (int y = 0; y < SIDE; y++)
        spread_kernel(rows + (ptrdiff_t)y * SIDE, k, 1, out + (ptrdiff_t)y * SIDE);
}

void gd_winograd_pack(const float *kernel, int32_t src_channels, int32_t dst_channels, int32_t k,
                      float *packed)
{
    int32_t blocks = dst_channels / BLOCK;
    int32_t chunks = (blocks + GD_WINOGRAD_CHUNK - 1) / GD_WINOGRAD_CHUNK;
#pragma omp parallel for schedule(static)
    for (int32_t o = 0; o < dst_channels; o++) {
        int32_t chunk = 0;
        while (gd_winograd_chunk(chunk + 1, chunks, blocks) * BLOCK <= o)
            chunk++;
        int32_t first = gd_winograd_chunk(chunk, chunks, blocks) * BLOCK;
        int32_t width = gd_winograd_chunk(chunk + 1, chunks, blocks) * BLOCK - first;
        float *to = packed + (ptrdiff_t)first * GD_WINOGRAD_POINTS * src_channels + (o - first);
        for (int32_t i = 0; i < src_channels; i++) {
            double points[GD_WINOGRAD_POINTS];
            transform_kernel(kernel + ((ptrdiff_t)o * src_channels + i) * k * k, k, points);
            for (int p = 0; p < GD_WINOGRAD_POINTS; p++)
                to[((ptrdiff_t)p * src_channels + i) * width] = (float)points[p];
        }
    }
}
