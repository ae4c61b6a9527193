/* Average pools of 3x3 and stride 1: elementwise.h's avg_pool and avg_pool_back. For files that are compiled
 * as vec.h asks.
 *
 * The order of additions is fixed: each column of a window from top to bottom, then the sums of the columns
 * from left to right; the product with one over the number of pixels comes last. Back, the pixels of smaller
 * windows at the picture's edges have larger shares: a value is multiplied by 3 / rows of its window before
 * it is added to its column, and a column's sum by 3 / columns; away from the edges both are 1. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_AVERAGE_POOLS_H
#define GD_KERNELS_CPU_ELEMENTWISE_AVERAGE_POOLS_H

#include "kernels/cpu/elementwise/epilogue.h"
#include "kernels/cpu/elementwise/pools.h"
#include "kernels/cpu/elementwise/vec.h"

/* What a row of dst adds up: rows of src, the first real one first. */
typedef struct mean_rows {
    const gd_unit *src[3];
    float factor[3];
    int count;
    bool weighted; /* a factor is not 1 */
    bool back;
} mean_rows;

static mean_rows mean_rows_of(const gd_pool_row *row, gd_span over, bool back)
{
    mean_rows rows = {.back = back};
    for (int32_t y = over.first; y <= over.last; y++, rows.count++) {
        rows.src[rows.count] = row->src + (ptrdiff_t)y * row->pass->src_cols * GD_BLOCK;
        rows.factor[rows.count] = 1;
    }
    return rows;
}

/* One over the share of a mean's pixels in nine, along an axis: of the mean at `at` of `extent`. */
static float mean_factor(int32_t at, int32_t extent)
{
    return 3 / (float)gd_span_count(gd_window_from(at - 1, extent));
}

/* The sum of column x. */
INLINE gd_vec mean_column(const mean_rows *rows, int count, bool weighted, ptrdiff_t x)
{
    gd_vec sum = vec_all(0);
    for (int k = 0; k < count; k++) {
        gd_vec v = vec_load(rows->src[k] + x * GD_BLOCK);
        if (weighted)
            v = vec_scale(v, rows->factor[k]);
        sum = k > 0 ? vec_add(sum, v) : v;
    }
    return sum;
}

/* Ends pixel x: forward with ReLU and mask. */
INLINE void mean_store(const gd_pool_row *row, int32_t x, gd_vec mean, bool back)
{
    gd_unit *dst = row->dst + (ptrdiff_t)x * GD_BLOCK;
    gd_bits *mask = row->mask ? row->mask + x : NULL;
    if (back) {
        finish_back(dst, mean, mask, row->pass->accumulate);
        return;
    }
    if (row->pass->relu)
        mean = vec_max(mean, vec_all(0));
    const gd_bits positive = vec_store(dst, mean);
    if (mask)
        *mask = positive;
}

/* A pixel that adds up columns of src, of which any may be the picture's first or last. */
static void mean_edge(const gd_pool_row *row, const mean_rows *rows, int32_t x, gd_span cols)
{
    const gd_pass *pass = row->pass;
    gd_vec sum = vec_all(0);
    for (int32_t i = cols.first; i <= cols.last; i++) {
        gd_vec column = mean_column(rows, rows->count, rows->weighted, i);
        if (rows->back)
            column = vec_scale(column, mean_factor(i + pass->src_col, pass->src_whole_cols));
        sum = i > cols.first ? vec_add(sum, column) : column;
    }
    const float scale = gd_one_over(rows->back ? 9 : rows->count * gd_span_count(cols));
    mean_store(row, x, vec_scale(sum, scale), rows->back);
}

/* The pixels x that add up the columns x + at to x + at + 2, all with the factor 1. */
INLINE void mean_inner(const gd_pool_row *row, const mean_rows *rows, gd_span x, int32_t at, int count,
                       bool weighted, bool back)
{
    const float scale = gd_one_over(back ? 9 : 3 * count);
    gd_vec left = mean_column(rows, count, weighted, x.first + at);
    gd_vec middle = mean_column(rows, count, weighted, x.first + at + 1);
    for (; x.first <= x.last; x.first++) {
        const gd_vec right = mean_column(rows, count, weighted, x.first + at + 2);
        mean_store(row, x.first, vec_scale(vec_add(vec_add(left, middle), right), scale), back);
        left = middle;
        middle = right;
    }
}

/* A row of dst; all pixels but those in `inner` are at an edge. */
INLINE void mean_row(const gd_pool_row *row, const mean_rows *rows, gd_span inner, int32_t at, bool back)
{
    const gd_pass *pass = row->pass;
    inner = gd_span_or(gd_span_within(inner, 0, pass->dst_cols - 1),
                       (gd_span){pass->dst_cols, pass->dst_cols - 1});
    for (int32_t x = 0; x < inner.first; x++)
        mean_edge(row, rows, x, gd_window_from(x + at, pass->src_cols));
    if (inner.first <= inner.last && rows->count == 3 && !rows->weighted)
        mean_inner(row, rows, inner, at, 3, false, back);
    else if (inner.first <= inner.last)
        mean_inner(row, rows, inner, at, rows->count, rows->weighted, back);
    for (int32_t x = inner.last + 1; x < pass->dst_cols; x++)
        mean_edge(row, rows, x, gd_window_from(x + at, pass->src_cols));
}

static void avg_pool_row(const gd_pool_row *row)
{
    const gd_pass *pass = row->pass;
    const mean_rows rows = mean_rows_of(row, gd_window_from(row->y - pass->pad_rows, pass->src_rows), false);
    mean_row(row, &rows, (gd_span){pass->pad_cols, pass->pad_cols + pass->src_cols - 3}, -pass->pad_cols,
             false);
}

static void avg_pool(const gd_pass *pass)
{
    pool_rows(pass, avg_pool_row);
}

static void avg_pool_back_row(const gd_pool_row *row)
{
    const gd_pass *pass = row->pass;
    const gd_span over = gd_window_from(row->y + pass->pad_rows - 2, pass->src_rows);
    mean_rows rows = mean_rows_of(row, over, true);
    for (int k = 0; k < rows.count; k++) {
        rows.factor[k] = mean_factor(over.first + k + pass->src_row, pass->src_whole_rows);
        rows.weighted |= rows.factor[k] != 1;
    }
    /* The means of src that have three columns in the picture. */
    const gd_span whole = gd_span_within((gd_span){0, pass->src_cols - 1}, 1 - pass->src_col,
                                         pass->src_whole_cols - 2 - pass->src_col);
    mean_row(row, &rows, (gd_span){whole.first + 2 - pass->pad_cols, whole.last - pass->pad_cols},
             pass->pad_cols - 2, true);
}

static void avg_pool_back(const gd_pass *pass)
{
    pool_rows(pass, avg_pool_back_row);
}

#endif
