/* Max pools of 3x3: elementwise.h's max_pool and max_pool_back. For files that are compiled as vec.h asks.
 *
 * Forward, the winner is the first maximum of a window in row-major order. Back, a pixel gathers from the
 * windows that hold it, in row-major order. Where all the rows and columns of a window are there, a loop of
 * constant extents keeps in registers what neighbours share; both ways give the same bits. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_MAX_POOLS_H
#define GD_KERNELS_CPU_ELEMENTWISE_MAX_POOLS_H

#include "kernels/cpu/elementwise/epilogue.h"
#include "kernels/cpu/elementwise/pools.h"
#include "kernels/cpu/elementwise/vec.h"
#if !GD_PLAIN
#include "kernels/cpu/elementwise/vec_units.h"
#endif

/* The first maximum of a window with this corner, of the rows and columns of it that there are. */
INLINE gd_vec find_best(const gd_unit *corner, int32_t pitch, gd_span rows, gd_span cols, gd_bytes *place)
{
    const int first = rows.first * 3 + cols.first;
    const ptrdiff_t down = (ptrdiff_t)pitch * GD_BLOCK;
    gd_vec best = vec_load(corner + rows.first * down + (ptrdiff_t)cols.first * GD_BLOCK);
    *place = bytes_all((uint8_t)first);
    for (int i = rows.first; i <= rows.last; i++)
        for (int j = cols.first; j <= cols.last; j++)
            vec_raise(&best, place, vec_load(corner + i * down + (ptrdiff_t)j * GD_BLOCK), i * 3 + j);
    return best;
}

/* Results of a row, and the corner of the first one's window. */
typedef struct max_results {
    const gd_unit *corner;
    gd_unit *dst;
    uint8_t *winner; /* or NULL */
    int32_t pitch, stride;
} max_results;

INLINE void max_pool_at(const max_results *to, int32_t x, gd_span rows, gd_span cols)
{
    gd_bytes place;
    vec_store(to->dst + (ptrdiff_t)x * GD_BLOCK,
              find_best(to->corner + (ptrdiff_t)x * to->stride * GD_BLOCK, to->pitch, rows, cols, &place));
    if (to->winner)
        bytes_store(to->winner + (ptrdiff_t)x * GD_BLOCK, place);
}

/* The results [first, last], whose windows are there to the last pixel. */
#if GD_PLAIN

INLINE void max_pool_inner(const max_results *to, gd_span x, int stride)
{
    (void)stride;
    for (; x.first <= x.last; x.first++)
        max_pool_at(to, x.first, (gd_span){0, 2}, (gd_span){0, 2});
}

#else

INLINE gd_units column_max(const gd_unit *at, ptrdiff_t down)
{
    return units_max(units_max(units_load(at), units_load(at + down)), units_load(at + 2 * down));
}

INLINE gd_bytes first_equal(const gd_unit *corner, ptrdiff_t down, gd_units best)
{
    gd_bytes place = bytes_all(8);
    for (int i = 7; i >= 0; i--) {
        const gd_unit *at = corner + i / 3 * down + (ptrdiff_t)(i % 3) * GD_BLOCK;
        place = bytes_put(place, units_equal(units_load(at), best), i);
    }
    return place;
}

/* By whole numbers, unless the greatest of them is a negative value's or no number's. */
INLINE void max_pool_inner(const max_results *to, gd_span x, int stride)
{
    const ptrdiff_t down = (ptrdiff_t)to->pitch * GD_BLOCK;
    const gd_unit *corner = to->corner + (ptrdiff_t)x.first * stride * GD_BLOCK;
    gd_units left = column_max(corner, down), middle = column_max(corner + GD_BLOCK, down);
    for (; x.first <= x.last; x.first++, corner += (ptrdiff_t)stride * GD_BLOCK) {
        if (stride == 2)
            middle = column_max(corner + GD_BLOCK, down);
        const gd_units right = column_max(corner + (ptrdiff_t)2 * GD_BLOCK, down);
        const gd_units best = units_max(units_max(left, middle), right);
        left = stride == 2 ? right : middle;
        middle = right;
        if (!units_ordered(best)) {
            max_pool_at(to, x.first, (gd_span){0, 2}, (gd_span){0, 2});
            continue;
        }
        units_store(to->dst + (ptrdiff_t)x.first * GD_BLOCK, best);
        if (to->winner)
            bytes_store(to->winner + (ptrdiff_t)x.first * GD_BLOCK, first_equal(corner, down, best));
    }
}

#endif

/* The columns of results whose windows have all their columns. */
INLINE gd_span whole_windows(const gd_pass *pass)
{
    const int32_t pad = pass->pad_cols;
    return gd_span_within(gd_span_of_steps(pad, pass->src_cols - 3 + pad, pass->stride), 0,
                          pass->dst_cols - 1);
}

INLINE void max_pool_edge(const max_results *to, int32_t x, const gd_pass *pass, gd_span rows)
{
    const int32_t left = x * pass->stride - pass->pad_cols;
    const gd_span cols = gd_window_from(left, pass->src_cols);
    max_pool_at(to, x, rows, (gd_span){cols.first - left, cols.last - left});
}

static void max_pool_row(const gd_pool_row *row)
{
    const gd_pass *pass = row->pass;
    const int32_t top = row->y * pass->stride - pass->pad_rows;
    const gd_span rows = gd_window_from(top, pass->src_rows), down = {rows.first - top, rows.last - top};
    const max_results to = {
        .corner = row->src + ((ptrdiff_t)top * pass->src_cols - pass->pad_cols) * GD_BLOCK,
        .dst = row->dst,
        .winner = row->winner ? row->winner + (ptrdiff_t)row->y * pass->winner_pitch * GD_BLOCK : NULL,
        .pitch = pass->src_cols,
        .stride = pass->stride};
    gd_span inner = {pass->dst_cols, pass->dst_cols - 1};
    if (gd_span_count(down) == 3)
        inner = gd_span_or(whole_windows(pass), inner);
    for (int32_t x = 0; x < inner.first; x++)
        max_pool_edge(&to, x, pass, down);
    if (pass->stride == 1)
        max_pool_inner(&to, inner, 1);
    else
        max_pool_inner(&to, inner, 2);
    for (int32_t x = inner.last + 1; x < pass->dst_cols; x++)
        max_pool_edge(&to, x, pass, down);
}

static void max_pool(const gd_pass *pass)
{
    pool_rows(pass, max_pool_row);
}

/* The rows of windows that hold a row of pixels, from the first on. */
typedef struct won_rows {
    const gd_unit *src[3];
    const uint8_t *winner[3];
    int place[3]; /* of the pixels in a window, without its column */
    int count;
} won_rows;

static won_rows won_rows_of(const gd_pool_row *row)
{
    const gd_pass *pass = row->pass;
    const int32_t at = row->y + pass->pad_rows;
    const gd_span over = gd_windows_over(at, pass->stride, pass->src_rows);
    won_rows won = {.count = 0};
    for (int32_t y = over.first; y <= over.last; y++, won.count++) {
        won.src[won.count] = row->src + (ptrdiff_t)y * pass->src_cols * GD_BLOCK;
        won.winner[won.count] = row->winner + (ptrdiff_t)y * pass->winner_pitch * GD_BLOCK;
        won.place[won.count] = (at - pass->stride * y) * 3;
    }
    return won;
}

INLINE void max_back_at(const gd_pool_row *row, const won_rows *won, int32_t x)
{
    const gd_pass *pass = row->pass;
    const int32_t at = x + pass->pad_cols;
    const gd_span over = gd_windows_over(at, pass->stride, pass->src_cols);
    gd_vec sum = vec_all(0);
    for (int k = 0; k < won->count; k++)
        for (int32_t i = over.first; i <= over.last; i++)
            sum = vec_add_at(sum, bytes_load(won->winner[k] + (ptrdiff_t)i * GD_BLOCK),
                             won->place[k] + at - pass->stride * i,
                             vec_load(won->src[k] + (ptrdiff_t)i * GD_BLOCK));
    finish_back(row->dst + (ptrdiff_t)x * GD_BLOCK, sum, row->mask ? row->mask + x : NULL, pass->accumulate);
}

/* The windows of a column. */
typedef struct won_column {
    gd_vec value[3];
    gd_bytes winner[3];
} won_column;

INLINE won_column won_column_at(const won_rows *won, int rows, ptrdiff_t i)
{
    won_column column;
    for (int k = 0; k < rows; k++) {
        column.value[k] = vec_load(won->src[k] + i * GD_BLOCK);
        column.winner[k] = bytes_load(won->winner[k] + i * GD_BLOCK);
    }
    return column;
}

INLINE gd_vec add_won(gd_vec sum, const won_column *column, int k, int place)
{
    return vec_add_at(sum, column->winner[k], place, column->value[k]);
}

/* Stride 2: the pixels in pairs, of which the first lies in the windows i - 1 and i, the second in i alone.
 */
INLINE void max_back_pairs(const gd_pool_row *row, const won_rows *won, gd_span i, int rows)
{
    const bool accumulate = row->pass->accumulate;
    const int32_t x = 2 * i.first - row->pass->pad_cols;
    gd_unit *dst = row->dst + (ptrdiff_t)x * GD_BLOCK;
    const gd_bits *mask = row->mask ? row->mask + x : NULL;
    won_column before = won_column_at(won, rows, i.first - 1);
    for (; i.first <= i.last; i.first++, dst += (ptrdiff_t)2 * GD_BLOCK) {
        const won_column here = won_column_at(won, rows, i.first);
        gd_vec even = vec_all(0), odd = even;
        for (int k = 0; k < rows; k++) {
            even = add_won(add_won(even, &before, k, won->place[k] + 2), &here, k, won->place[k]);
            odd = add_won(odd, &here, k, won->place[k] + 1);
        }
        finish_back_two(dst, even, odd, mask, accumulate);
        mask = mask ? mask + 2 : NULL;
        before = here;
    }
}

/* Stride 1: each pixel lies in the windows i - 2, i - 1 and i. */
INLINE void max_back_singles(const gd_pool_row *row, const won_rows *won, gd_span i, int rows)
{
    const bool accumulate = row->pass->accumulate;
    const int32_t x = i.first - row->pass->pad_cols;
    gd_unit *dst = row->dst + (ptrdiff_t)x * GD_BLOCK;
    const gd_bits *mask = row->mask ? row->mask + x : NULL;
    won_column first = won_column_at(won, rows, i.first - 2), second = won_column_at(won, rows, i.first - 1);
    for (; i.first <= i.last; i.first++, dst += GD_BLOCK) {
        const won_column third = won_column_at(won, rows, i.first);
        gd_vec sum = vec_all(0);
        for (int k = 0; k < rows; k++) {
            sum = add_won(add_won(sum, &first, k, won->place[k] + 2), &second, k, won->place[k] + 1);
            sum = add_won(sum, &third, k, won->place[k]);
        }
        finish_back(dst, sum, mask, accumulate);
        mask = mask ? mask + 1 : NULL;
        first = second;
        second = third;
    }
}

/* The windows i whose pixels of this loop, from stride * i - pad on, are all in dst, and those before i in
 * src. */
INLINE gd_span inner_windows(const gd_pass *pass, int32_t stride)
{
    const int32_t pad = pass->pad_cols;
    return gd_span_within(gd_span_of_steps(pad, pass->dst_cols - stride + pad, stride), 3 - stride,
                          pass->src_cols - 1);
}

INLINE void max_back_rows(const gd_pool_row *row, const won_rows *won, gd_span i, int rows)
{
    if (row->pass->stride == 1)
        max_back_singles(row, won, i, rows);
    else
        max_back_pairs(row, won, i, rows);
}

static void max_back_inner(const gd_pool_row *row, const won_rows *won, gd_span i)
{
    if (won->count == 1)
        max_back_rows(row, won, i, 1);
    else if (won->count == 2)
        max_back_rows(row, won, i, 2);
    else
        max_back_rows(row, won, i, 3);
}

static void max_pool_back_row(const gd_pool_row *row)
{
    const gd_pass *pass = row->pass;
    const won_rows won = won_rows_of(row);
    const gd_span i = won.count > 0 ? inner_windows(pass, pass->stride) : (gd_span){0, -1};
    gd_span inner = {pass->dst_cols, pass->dst_cols - 1}; /* pixels */
    if (gd_span_count(i) > 0)
        inner = (gd_span){pass->stride * i.first - pass->pad_cols,
                          pass->stride * (i.last + 1) - pass->pad_cols - 1};
    for (int32_t x = 0; x < inner.first; x++)
        max_back_at(row, &won, x);
    if (gd_span_count(i) > 0)
        max_back_inner(row, &won, i);
    for (int32_t x = inner.last + 1; x < pass->dst_cols; x++)
        max_back_at(row, &won, x);
}

static void max_pool_back(const gd_pass *pass)
{
    pool_rows(pass, max_pool_back_row);
}

#endif
