/* The way back of the first convolution to the picture, compiled once for each table of elementwise.h that
 * has one: GD_BLOCK, GD_BF16, GD_PLAIN and GD_PICTURE_BACK, the function's name. */
#include "kernels/cpu/elementwise/picture.h"

#include "kernels/cpu/elementwise/vec.h"

enum { TAP_VECS = GD_PICTURE_TAPS / GD_BLOCK, PICTURE_RUN = 8, PICTURE_BAND = 16 };

/* taps[PICTURE_RUN][GD_PICTURE_TAPS] of `count` neighbouring units of a row: the gradient times the weights
 * of a group. */
static void picture_taps(const gd_picture_pass *pass, const float *weights, const gd_unit *src, int count,
                         float taps[PICTURE_RUN][GD_PICTURE_TAPS])
{
    ptrdiff_t block_size = (ptrdiff_t)pass->src_rows * pass->src_cols * GD_BLOCK;
    gd_vec sums[PICTURE_RUN][TAP_VECS] = {0};
    for (int32_t b = 0; b < pass->blocks; b++) {
        float units[PICTURE_RUN][GD_BLOCK] = {0};
        for (int i = 0; i < count; i++)
            vec_store_floats(units[i], vec_load(src + b * block_size + (ptrdiff_t)i * GD_BLOCK));
        for (int lane = 0; lane < GD_BLOCK; lane++) {
            const float *lanes = weights + ((ptrdiff_t)b * GD_BLOCK + lane) * GD_PICTURE_TAPS;
            for (int i = 0; i < PICTURE_RUN; i++)
                for (int v = 0; v < TAP_VECS; v++)
                    sums[i][v] = vec_fma(vec_load_floats(lanes + (ptrdiff_t)v * GD_BLOCK),
                                         vec_all(units[i][lane]), sums[i][v]);
        }
    }
    for (int i = 0; i < PICTURE_RUN; i++)
        for (int v = 0; v < TAP_VECS; v++)
            vec_store_floats(taps[i] + (ptrdiff_t)v * GD_BLOCK, sums[i][v]);
}

/* Adds what row oy of the gradient gives by the kernel rows [first, last) of a group to rows [begin, end) of
 * the picture. */
static void picture_back_row(const gd_picture_pass *pass, int32_t oy, int32_t first, int32_t last,
                             int32_t begin, int32_t end)
{
    const float *weights = pass->weights + (ptrdiff_t)(first / gd_picture_group_rows(pass->kernel_cols)) *
                                               pass->blocks * GD_BLOCK * GD_PICTURE_TAPS;
    const gd_unit *src = (const gd_unit *)pass->src + (ptrdiff_t)oy * pass->src_cols * GD_BLOCK;
    for (int32_t ox = 0; ox < pass->src_cols; ox += PICTURE_RUN) {
        float taps[PICTURE_RUN][GD_PICTURE_TAPS];
        int count = pass->src_cols - ox < PICTURE_RUN ? pass->src_cols - ox : PICTURE_RUN;
        picture_taps(pass, weights, src + (ptrdiff_t)ox * GD_BLOCK, count, taps);
        for (int32_t ky = first; ky < last; ky++) {
            int32_t y = oy * pass->stride + ky - pass->pad_rows;
            if (y < begin || y >= end)
                continue;
            for (int i = 0; i < count; i++) {
                int32_t x = (ox + i) * pass->stride - pass->pad_cols, left = pass->cols - x;
                float *to = pass->dst + ((ptrdiff_t)y * pass->cols + x) * 3;
                int32_t wide = left < pass->kernel_cols ? left : pass->kernel_cols;
                for (int32_t k = x < 0 ? -3 * x : 0; k < 3 * wide; k++)
                    to[k] += taps[i][(ky - first) * pass->kernel_cols * 3 + k];
            }
        }
    }
}

/* The same by all kernel rows. */
static void picture_back_rows(const gd_picture_pass *pass, int32_t oy, int32_t begin, int32_t end)
{
    const int32_t y = oy * pass->stride - pass->pad_rows, rows = gd_picture_group_rows(pass->kernel_cols);
    for (int32_t first = 0; first < pass->kernel_rows; first += rows) {
        const int32_t last = first + rows < pass->kernel_rows ? first + rows : pass->kernel_rows;
        if (y + first < end && y + last > begin)
            picture_back_row(pass, oy, first, last, begin, end);
    }
}

/* Bands of the picture's rows; a band's first gradient rows are worked out twice. */
void GD_PICTURE_BACK(const gd_picture_pass *pass)
{
    int32_t bands = (pass->rows + PICTURE_BAND - 1) / PICTURE_BAND;
#pragma omp parallel for schedule(static)
    for (int32_t band = 0; band < bands; band++) {
        int32_t begin = band * PICTURE_BAND;
        int32_t end = begin + PICTURE_BAND < pass->rows ? begin + PICTURE_BAND : pass->rows;
        memset(pass->dst + (ptrdiff_t)begin * pass->cols * 3, 0,
               sizeof(float) * (size_t)(end - begin) * (size_t)pass->cols * 3);
        for (int32_t oy = 0; oy < pass->src_rows; oy++)
            picture_back_rows(pass, oy, begin, end);
    }
}
