/* Compiled once for each precision of tensors: GD_BLOCK (16), GD_BF16, GD_PLAIN (0) and GD_WINOGRAD, the
 * function's name. */
#include "kernels/cpu/winograd.h"

#include "kernels/cpu/elementwise/epilogue.h"
#include "kernels/cpu/elementwise/vec.h"

#include <omp.h>

/* Everything that works on one tile is inlined into the functions of the seven kernels below, where the
 * numbers of taps and points are constants. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)") /* early enough for arrays to become registers */
#else
#define UNROLL _Pragma("GCC unroll 24")
#endif

enum { POINTS_MAX = 64, PAIRS_MAX = 4, DEPTH = 128, AHEAD = 10 };

/* The points +-PAIRS[i], by powers; the product of all (x - square of PAIRS[j]), j < pairs, by coefficients
 * from the constant one on; and the same without one factor. */
static const float POWERS[PAIRS_MAX][4] = {
    {1, 1, 1, 1}, {1, 2, 4, 8}, {1, 0.5F, 0.25F, 0.125F}, {1, 1.5F, 2.25F, 3.375F}};
static const float WHOLE[PAIRS_MAX + 1][PAIRS_MAX + 1] = {
    [2] = {4, -5, 1}, [3] = {-1, 5.25F, -5.25F, 1}, [4] = {2.25F, -12.8125F, 17.0625F, -7.5F, 1}};
static const float WITHOUT[PAIRS_MAX + 1][PAIRS_MAX][PAIRS_MAX] = {
    [2] = {{-4, 1}, {-1, 1}},
    [3] = {{1, -4.25F, 1}, {0.25F, -1.25F, 1}, {4, -5, 1}},
    [4] = {{-2.25F, 10.5625F, -6.5F, 1},
           {-0.5625F, 3.0625F, -3.5F, 1},
           {-9, 15.25F, -7.25F, 1},
           {-1, 5.25F, -5.25F, 1}}};

/* to[points] = values of from[points] for the products, at a stride of `step` both. */
INLINE void spread(const gd_vec *from, int step, gd_vec *to, int points)
{
    int pairs = points / 2 - 1;
    if (points == 1) {
        to[0] = from[0];
        return;
    }
    gd_vec zero = from[(points - 2) * step], infinity = from[(points - 1) * step];
    UNROLL
    for (int k = 0; k < pairs; k++) {
        zero = vec_fma(vec_all(WHOLE[pairs][k]), from[2 * k * step], zero);
        infinity = vec_fma(vec_all(WHOLE[pairs][k]), from[(2 * k + 1) * step], infinity);
    }
    UNROLL
    for (int i = 0; i < pairs; i++) {
        gd_vec even = from[2 * pairs * step], odd = from[(2 * pairs - 1) * step];
        UNROLL
        for (int k = 0; k < pairs - 1; k++) {
            even = vec_fma(vec_all(WITHOUT[pairs][i][k]), from[(2 * k + 2) * step], even);
            odd = vec_fma(vec_all(WITHOUT[pairs][i][k]), from[(2 * k + 1) * step], odd);
        }
        to[(2 * i + 1) * step] = vec_fma(vec_all(POWERS[i][1]), odd, even);
        to[(2 * i + 2) * step] = vec_fma(vec_all(-POWERS[i][1]), odd, even);
    }
    to[0] = zero;
    to[(points - 1) * step] = infinity;
}

/* to[4] = results from the products of[points]; to[1] where there is one point. */
INLINE void gather(const gd_vec *of, int of_step, gd_vec *to, int to_step, int points)
{
    int pairs = points / 2 - 1;
    if (points == 1) {
        to[0] = of[0];
        return;
    }
    gd_vec sum[PAIRS_MAX], difference[PAIRS_MAX];
    UNROLL
    for (int i = 0; i < pairs; i++) {
        sum[i] = of[(2 * i + 1) * of_step] + of[(2 * i + 2) * of_step];
        difference[i] = of[(2 * i + 1) * of_step] - of[(2 * i + 2) * of_step];
    }
    UNROLL
    for (int r = 0; r < 4; r++) {
        gd_vec result = r % 2 ? difference[0] : sum[0];
        UNROLL
        for (int i = 1; i < pairs; i++)
            result = vec_fma(vec_all(POWERS[i][r]), r % 2 ? difference[i] : sum[i], result);
        if (r == 0)
            result += of[0];
        if (r == 3)
            result += of[(points - 1) * of_step];
        to[r * to_step] = result;
    }
}

/* The units of a block from (y, x) on, [point_rows][point_cols]; zero outside. */
INLINE void load_tile(const gd_pass *pass, const gd_unit *src, int32_t y, int32_t x, int point_rows,
                      int point_cols, gd_vec *tile)
{
    for (int32_t i = 0; i < point_rows; i++)
        for (int32_t j = 0; j < point_cols; j++) {
            bool inside = y + i >= 0 && y + i < pass->src_rows && x + j >= 0 && x + j < pass->src_cols;
            tile[i * point_cols + j] =
                inside ? vec_load(src + ((ptrdiff_t)(y + i) * pass->src_cols + x + j) * GD_BLOCK)
                       : vec_all(0);
        }
}

/* A tile's first result. Divisions are slow: tiles are counted along. */
typedef struct place {
    int32_t y, x;
} place;

INLINE place place_of(const gd_winograd_cut *cut, int32_t tile)
{
    return (place){tile / cut->across * cut->tile_rows, tile % cut->across * cut->tile_cols};
}

INLINE void next_place(const gd_winograd_cut *cut, place *at)
{
    at->x += cut->tile_cols;
    if (at->x >= cut->across * cut->tile_cols) {
        at->x = 0;
        at->y += cut->tile_rows;
    }
}

static int32_t depth_from(int32_t channel, int32_t channels)
{
    return channels - channel < DEPTH ? channels - channel : DEPTH;
}

/* units[points][src channels / DEPTH][group][DEPTH] of the tiles [first, first + count); the last of the
 * second extent may be narrower. */
INLINE void spread_group(const gd_winograd *w, const gd_winograd_cut *cut, int32_t first, int32_t count,
                         float *units, int point_rows, int point_cols)
{
    const gd_pass *pass = &w->pass;
    int32_t channels = w->shape.src_channels;
    ptrdiff_t block_size = (ptrdiff_t)pass->src_rows * pass->src_cols * GD_BLOCK;
    place at = place_of(cut, first);
    for (int32_t t = 0; t < count; t++, next_place(cut, &at)) {
        int32_t y = at.y - w->pad_rows, x = at.x - w->pad_cols;
        for (int32_t b = 0; b < channels / GD_BLOCK; b++) {
            gd_vec tile[POINTS_MAX], half[POINTS_MAX];
            load_tile(pass, (const gd_unit *)pass->src + b * block_size, y, x, point_rows, point_cols, tile);
            for (int j = 0; j < point_cols; j++)
                spread(tile + j, point_cols, half + j, point_rows);
            for (int i = 0; i < point_rows; i++)
                spread(half + (ptrdiff_t)i * point_cols, 1, tile + (ptrdiff_t)i * point_cols, point_cols);
            int32_t c = b * GD_BLOCK / DEPTH * DEPTH;
            float *to = units + (ptrdiff_t)c * cut->group + (ptrdiff_t)t * depth_from(c, channels) +
                        (b * GD_BLOCK - c);
            for (int p = 0; p < point_rows * point_cols; p++)
                vec_store_floats(to + (ptrdiff_t)p * cut->group * channels, tile[p]);
        }
    }
}

/* sums[tiles][blocks] += units[tiles][depth] * weights[depth][blocks], for as many tiles as there are
 * accumulators. */
INLINE void multiply(const float *units, const float *weights, int32_t depth, gd_vec *sums, int blocks)
{
    for (int32_t c = 0; c < depth; c++) {
        gd_vec weight[GD_WINOGRAD_CHUNK];
        /* The first tile finds the weights in the second-level cache only. */
        for (int b = 0; b < blocks; b++)
            __builtin_prefetch(weights + ((ptrdiff_t)(c + AHEAD) * blocks + b) * GD_BLOCK);
        for (int b = 0; b < blocks; b++)
            weight[b] = vec_load_floats(weights + ((ptrdiff_t)c * blocks + b) * GD_BLOCK);
        UNROLL
        for (int t = 0; t < GD_WINOGRAD_ACCUMULATORS / blocks; t++) {
            gd_vec unit = vec_all(units[(ptrdiff_t)t * depth + c]);
            for (int b = 0; b < blocks; b++)
                sums[t * blocks + b] = vec_fma(weight[b], unit, sums[t * blocks + b]);
        }
    }
}

/* What is multiplied at once: tiles [first, first + count) by blocks [block, block + blocks). */
typedef struct chunk {
    const float *units, *weights;
    float *products; /* [points][group][blocks], by vectors */
    int32_t first, count, block;
} chunk;

/* Weights are taken DEPTH channels at a time, which stay in the first-level cache for all tiles of the group.
 */
INLINE void multiply_group(const gd_winograd *w, const gd_winograd_cut *cut, const chunk *part, int point,
                           int blocks)
{
    enum { SUMS = GD_WINOGRAD_ACCUMULATORS };
    int32_t channels = w->shape.src_channels;
    for (int32_t c = 0; c < channels; c += DEPTH) {
        int32_t depth = depth_from(c, channels);
        const float *weights = part->weights + ((ptrdiff_t)point * channels + c) * blocks * GD_BLOCK;
        const float *units = part->units + ((ptrdiff_t)point * channels + c) * cut->group;
        for (int32_t t = 0; t < part->count; t += SUMS / blocks) {
            float *products = part->products + ((ptrdiff_t)point * cut->group + t) * blocks * GD_BLOCK;
            gd_vec sums[SUMS];
            UNROLL
            for (int i = 0; i < SUMS; i++)
                sums[i] = c > 0 ? vec_load_floats(products + (ptrdiff_t)i * GD_BLOCK) : vec_all(0);
            multiply(units + (ptrdiff_t)t * depth, weights, depth, sums, blocks);
            if (cut->points == 1 && c + DEPTH >= channels) {
                /* A copy: what is indexed by a variable lies in memory with clang, in the loop above too. */
                gd_vec done[SUMS];
                UNROLL
                for (int i = 0; i < SUMS; i++)
                    done[i] = sums[i];
                finish_sums(&w->pass, w->bias, done, part->block, blocks, part->first + t, 0,
                            part->count - t < SUMS / blocks ? part->count - t : SUMS / blocks);
                continue;
            }
            UNROLL
            for (int i = 0; i < SUMS; i++)
                vec_store_floats(products + (ptrdiff_t)i * GD_BLOCK, sums[i]);
        }
    }
}

/* Not inlined: clang would keep constants of the transforms in the registers that the sums need. */
__attribute__((noinline)) static void multiply_chunk(const gd_winograd *w, const gd_winograd_cut *cut,
                                                     const chunk *part, int32_t blocks)
{
    for (int p = 0; p < cut->points; p++)
        switch (blocks) {
        case 1:
            multiply_group(w, cut, part, p, 1);
            break;
        case 2:
            multiply_group(w, cut, part, p, 2);
            break;
        case 3:
            multiply_group(w, cut, part, p, 3);
            break;
        default:
            multiply_group(w, cut, part, p, 4);
            break;
        }
}

/* Block `block` of the tile at `at`, from products that are `step` floats apart. */
INLINE void gather_tile(const gd_winograd *w, const float *products, ptrdiff_t step, int32_t block, place at,
                        int point_rows, int point_cols)
{
    int rows = point_rows > 1 ? 4 : 1, cols = point_cols > 1 ? 4 : 1;
    gd_vec points[POINTS_MAX], half[POINTS_MAX], results[16];
    const gd_epilogue epilogue = epilogue_of(&w->pass, w->bias, block);
    for (int p = 0; p < point_rows * point_cols; p++)
        points[p] = vec_load_floats(products + p * step);
    for (int j = 0; j < point_cols; j++)
        gather(points + j, point_cols, half + j, point_cols, point_rows);
    for (int i = 0; i < rows; i++)
        gather(half + (ptrdiff_t)i * point_cols, 1, results + (ptrdiff_t)i * cols, 1, point_cols);
    for (int i = 0; i < rows && at.y + i < w->pass.dst_rows; i++)
        for (int j = 0; j < cols && at.x + j < w->pass.dst_cols; j++)
            finish(&epilogue, results[i * cols + j], (ptrdiff_t)(at.y + i) * w->pass.dst_cols + at.x + j,
                   (ptrdiff_t)(at.y + i) * w->pass.mask_pitch + at.x + j);
}

INLINE void gather_chunk(const gd_winograd *w, const gd_winograd_cut *cut, const chunk *part, int32_t blocks,
                         int point_rows, int point_cols)
{
    ptrdiff_t step = (ptrdiff_t)cut->group * blocks * GD_BLOCK;
    for (int32_t b = 0; b < blocks; b++) {
        place at = place_of(cut, part->first);
        for (int32_t t = 0; t < part->count; t++, next_place(cut, &at))
            gather_tile(w, part->products + ((ptrdiff_t)t * blocks + b) * GD_BLOCK, step, part->block + b, at,
                        point_rows, point_cols);
    }
}

/* Task by task: a group and a part of the chunks. */
INLINE void convolve_task(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch,
                          int point_rows, int point_cols)
{
    int32_t first = task / cut->splits * cut->group, split = task % cut->splits;
    int32_t count = cut->tiles - first < cut->group ? cut->tiles - first : cut->group;
    ptrdiff_t channels = w->shape.src_channels;
    chunk part = {.units = scratch,
                  .products = scratch + cut->points * cut->group * channels,
                  .first = first,
                  .count = count};
    spread_group(w, cut, first, count, scratch, point_rows, point_cols);
    for (int32_t c = cut->chunks * split / cut->splits; c < cut->chunks * (split + 1) / cut->splits; c++) {
        part.block = gd_winograd_chunk(c, cut->chunks, w->pass.blocks);
        part.weights = (const float *)w->weights + part.block * GD_BLOCK * cut->points * channels;
        int32_t blocks = gd_winograd_chunk(c + 1, cut->chunks, w->pass.blocks) - part.block;
        multiply_chunk(w, cut, &part, blocks);
        if (point_rows * point_cols > 1)
            gather_chunk(w, cut, &part, blocks, point_rows, point_cols);
    }
}

typedef void convolve(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch);

static void convolve_1x1(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch)
{
    convolve_task(w, cut, task, scratch, 1, 1);
}

static void convolve_3x3(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch)
{
    convolve_task(w, cut, task, scratch, 6, 6);
}

static void convolve_5x5(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch)
{
    convolve_task(w, cut, task, scratch, 8, 8);
}

static void convolve_1x3(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch)
{
    convolve_task(w, cut, task, scratch, 1, 6);
}

static void convolve_3x1(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch)
{
    convolve_task(w, cut, task, scratch, 6, 1);
}

static void convolve_1x7(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch)
{
    convolve_task(w, cut, task, scratch, 1, 10);
}

static void convolve_7x1(const gd_winograd *w, const gd_winograd_cut *cut, int32_t task, float *scratch)
{
    convolve_task(w, cut, task, scratch, 10, 1);
}

static convolve *function_of(const gd_winograd_shape *shape)
{
    int32_t rows = shape->kernel_rows, cols = shape->kernel_cols;
    if (rows == cols)
        return rows == 1 ? convolve_1x1 : rows == 3 ? convolve_3x3 : convolve_5x5;
    if (rows == 1)
        return cols == 3 ? convolve_1x3 : convolve_1x7;
    return rows == 3 ? convolve_3x1 : convolve_7x1;
}

void GD_WINOGRAD(const gd_winograd *w)
{
    gd_winograd_cut cut = gd_winograd_cuts(&w->shape);
    convolve *function = function_of(&w->shape);
    ptrdiff_t share =
        (ptrdiff_t)cut.points * cut.group * (w->shape.src_channels + GD_WINOGRAD_CHUNK * GD_WINOGRAD_BLOCK);
#pragma omp parallel for schedule(dynamic)
    for (int32_t task = 0; task < cut.groups * cut.splits; task++)
        function(w, &cut, task, (float *)w->scratch + omp_get_thread_num() * share);
}
