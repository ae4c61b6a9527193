/* Compiled once for each table: GD_BLOCK, GD_BF16, GD_PLAIN and GD_ELEMENTWISE (the table's name), and of the
 * functions that not all tables have, GD_WINOGRAD and GD_PICTURE_BACK. */
#include "kernels/cpu/elementwise/elementwise.h"

#include "kernels/cpu/elementwise/average_pools.h"
#include "kernels/cpu/elementwise/epilogue.h"
#include "kernels/cpu/elementwise/lrn.h"
#include "kernels/cpu/elementwise/match.h"
#include "kernels/cpu/elementwise/max_pools.h"
#include "kernels/cpu/elementwise/picture.h"
#include "kernels/cpu/elementwise/vec.h"

#ifdef GD_WINOGRAD
void GD_WINOGRAD(const struct gd_winograd *w); /* of winograd.h, which stands above this folder */
#else
#define GD_WINOGRAD NULL
#endif
#ifndef GD_PICTURE_BACK
#define GD_PICTURE_BACK NULL
#endif

static void extract(const gd_pass *pass)
{
    int64_t pixels = (int64_t)pass->mask_blocks * pass->dst_rows * pass->dst_cols;
    const gd_unit *dst = pass->dst;
    gd_bits *mask = pass->mask;
    dst += (ptrdiff_t)pass->mask_at * pass->dst_rows * pass->dst_cols * GD_BLOCK;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < pixels; i++)
        mask[i] = vec_positive(vec_load(dst + i * GD_BLOCK));
}

/* A row of combine: what is added comes from units, from floats, or is the same everywhere. Units of a seed
 * are multiplied by the value. */
typedef struct addend {
    const gd_unit *units;
    const float *floats;
    gd_vec value;
    bool scaled;
} addend;

static inline gd_vec addend_at(const addend *add, int64_t i)
{
    if (add->units && add->scaled)
        return vec_multiply(vec_load(add->units + i * GD_BLOCK), add->value);
    if (add->units)
        return vec_load(add->units + i * GD_BLOCK);
    return add->floats ? vec_load_floats(add->floats + i * GD_BLOCK) : add->value;
}

/* What row y of a block of dst takes. */
static addend addend_of_row(const gd_pass *pass, int32_t block, int32_t y)
{
    addend add = {.value = vec_all(0)};
    const ptrdiff_t row = (ptrdiff_t)block * pass->src_rows + y - pass->pad_rows;
    const ptrdiff_t from = (row * pass->src_cols - pass->pad_cols) * GD_BLOCK;
    if (pass->src && pass->src_floats)
        add.floats = (const float *)pass->src + from;
    else if (pass->src)
        add.units = (const gd_unit *)pass->src + from;
    return add;
}

static void combine_row(const gd_pass *pass, gd_unit *dst, const addend *add, gd_bits *mask)
{
    for (int64_t i = 0; i < pass->dst_cols; i++) {
        gd_vec v = addend_at(add, i);
        if (pass->accumulate)
            v = vec_add(vec_load(dst + i * GD_BLOCK), v);
        if (pass->relu)
            v = vec_max(v, vec_all(0));
        if (mask && !pass->write_mask)
            v = vec_keep(mask[i], v);
        const gd_bits positive = vec_store(dst + i * GD_BLOCK, v);
        if (mask && pass->write_mask)
            mask[i] = positive;
    }
}

static void combine_all(const gd_pass *pass, bool seeds)
{
    int64_t rows = (int64_t)pass->blocks * pass->dst_rows;
    ptrdiff_t row = (ptrdiff_t)pass->dst_cols * GD_BLOCK;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < rows; r++) {
        int32_t block = (int32_t)(r / pass->dst_rows), y = (int32_t)(r % pass->dst_rows);
        gd_bits *mask = mask_of_block(pass, block);
        addend add = addend_of_row(pass, block, y);
        if (seeds) {
            add.value = seed_of_block(pass, block);
            add.scaled = true;
        }
        combine_row(pass, (gd_unit *)pass->dst + r * row, &add,
                    mask ? mask + (ptrdiff_t)y * pass->mask_pitch : NULL);
    }
}

static void combine(const gd_pass *pass)
{
    combine_all(pass, false);
}

static void seed(const gd_pass *pass)
{
    combine_all(pass, true);
}

static void widen(const void *src, int64_t count, float *floats)
{
    enum { RUN = 4096 };
    const gd_unit *units = src;
    int64_t runs = (count + RUN - 1) / RUN;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < runs; r++) {
        int64_t end = (r + 1) * RUN < count ? (r + 1) * RUN : count;
        for (int64_t i = r * RUN; i < end; i++)
            floats[i] = unit_float(units[i]);
    }
}

/* The first of the lattice's rows or columns, from `at` on, that is in dst. */
static int32_t lattice_first(int32_t at, int32_t step)
{
    return at < 0 ? (-at + step - 1) / step : 0;
}

/* Row y of a block's lattice. */
static void combine_lattice_row(const gd_pass *pass, int32_t block, int32_t y)
{
    ptrdiff_t from = ((ptrdiff_t)block * pass->src_rows + y) * pass->src_cols * GD_BLOCK;
    addend add = {.value = vec_all(0)}, beyond = add;
    if (pass->src_floats)
        add.floats = (const float *)pass->src + from;
    else
        add.units = (const gd_unit *)pass->src + from;
    ptrdiff_t to = (ptrdiff_t)(pass->row + y * pass->step) * pass->dst_cols;
    gd_unit *dst = (gd_unit *)pass->dst + (ptrdiff_t)block * pass->dst_rows * pass->dst_cols * GD_BLOCK;
    gd_bits *mask = mask_of_block(pass, block);
    if (mask)
        mask += (ptrdiff_t)(pass->row + y * pass->step) * pass->mask_pitch;
    for (int32_t x = lattice_first(pass->col, pass->step); pass->col + x * pass->step < pass->dst_cols; x++) {
        int32_t col = pass->col + x * pass->step;
        const addend *found = y < pass->src_rows && x < pass->src_cols ? &add : &beyond;
        finish_back(dst + (to + col) * GD_BLOCK, addend_at(found, x), mask ? mask + col : NULL,
                    pass->accumulate);
    }
}

static void combine_lattice(const gd_pass *pass)
{
    int32_t first = lattice_first(pass->row, pass->step);
    int32_t rows = (pass->dst_rows - pass->row + pass->step - 1) / pass->step - first;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < (int64_t)pass->blocks * rows; r++)
        combine_lattice_row(pass, (int32_t)(r / rows), first + (int32_t)(r % rows));
}

/* Tiles take the picture pixel by pixel, the library by planes. */
enum { INTERLEAVED = GD_BLOCK == 32 };

static void read_picture(const float *window, int64_t stride, const float shift[3], int64_t rows,
                         int64_t cols, void *picture)
{
    gd_unit *to = picture;
#pragma omp parallel for schedule(static)
    for (int64_t y = 0; y < rows; y++)
        for (int c = 0; c < 3; c++)
            for (int64_t x = 0; x < cols; x++)
                to[INTERLEAVED ? (y * cols + x) * 3 + c : (c * rows + y) * cols + x] =
                    unit_of(window[y * stride + x * 3 + c] + shift[c]);
}

/* Sums of tiles (tiles/convolution.h) of a block: those of the results [first, first + count), which lie at
 * the pixels (row + step * y, col + step * x) of dst. */
static void finish_tile(const gd_pass *pass, const float *bias, const float *sums, int32_t block,
                        int64_t first, int32_t count)
{
    const gd_epilogue epilogue = epilogue_of(pass, bias, block);
    const ptrdiff_t step = pass->step, dst_pitch = pass->dst_cols, mask_pitch = pass->mask_pitch;
    const int64_t across = (dst_pitch - pass->col + step - 1) / step;
    int64_t y = pass->row + first / across * step, x = first % across;
    for (int64_t left = count; left > 0; x = 0, y += step) {
        const int64_t run = left < across - x ? left : across - x;
        ptrdiff_t pixel = y * dst_pitch + pass->col + x * step, bits = y * mask_pitch + pass->col + x * step;
        for (int64_t i = 0; i < run; i++, sums += GD_BLOCK, pixel += step, bits += step)
            finish(&epilogue, vec_load_floats(sums), pixel, bits);
        left -= run;
    }
}

static void to_floats(const void *units, int64_t count, float *floats)
{
    const gd_unit *from = units;
    for (int64_t i = 0; i < count; i++)
        floats[i] = unit_float(from[i]);
}

static void from_floats(const float *floats, int64_t count, void *units)
{
    gd_unit *to = units;
    for (int64_t i = 0; i < count; i++)
        to[i] = unit_of(floats[i]);
}

const gd_elementwise GD_ELEMENTWISE = {
    .block = GD_BLOCK,
    .bytes = (int32_t)sizeof(gd_unit),
    .interleaved = INTERLEAVED,
    .extract = extract,
    .combine = combine,
    .combine_lattice = combine_lattice,
    .seed = seed,
    .match = match,
    .widen = widen,
    .max_pool = max_pool,
    .max_pool_back = max_pool_back,
    .avg_pool = avg_pool,
    .avg_pool_back = avg_pool_back,
    .lrn = lrn,
    .lrn_back = lrn_back,
    .read_picture = read_picture,
    .picture_back = GD_PICTURE_BACK,
    .finish_tile = finish_tile,
    .winograd = GD_WINOGRAD,
    .to_floats = to_floats,
    .from_floats = from_floats,
};
