/* Pools of every table of elementwise functions beside plain loops: both strides, padded, rounded up and
 * cropped, of widths on both sides of what the inner loops take, with sums and masks. Max pools give the very
 * values and winners; sums, here in double, differ by rounding alone. */
#include "base/random.h"
#include "check.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/onednn.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MAX = 32, SIDE = 20, BLOCKS = 2, UNITS = BLOCKS * SIDE * SIDE * BLOCK_MAX, CASES = 60 };

/* A pool between `in` and `out`, which back are dst and src, and what lies beside them. */
typedef struct pool_case {
    const gd_elementwise *table;
    int32_t in_rows, in_cols, out_rows, out_cols, stride, pad_rows, pad_cols;
    int32_t row, col, whole_rows, whole_cols; /* of `out` in its tensor's whole */
    bool relu, accumulate, masked;
    float in[UNITS], out[UNITS], before[UNITS];
    uint8_t winner[UNITS];
    char in_units[UNITS * 4], out_units[UNITS * 4], mask[UNITS / 8];
} pool_case;

static int32_t draw(uint64_t seed, int32_t which, int32_t below)
{
    return (int32_t)gd_random_below(seed, GD_RANDOM_NOISE, (uint32_t)below, which, 0, 0);
}

/* Halves, many of them equal, below zero only in odd cases; in any precision exact. Of a linear congruential
 * sequence (Knuth, TAOCP 2, 3.3.4). */
static void fill(pool_case *c, uint64_t seed, float *values, char *units)
{
    uint32_t state = (uint32_t)seed;
    for (int32_t i = 0; i < UNITS; i++) {
        state = state * 1664525U + 1013904223U;
        values[i] = (float)((state >> 16) % 12) / 2 - (seed % 2 ? 4 : 0);
    }
    c->table->from_floats(values, UNITS, units);
}

/* Windows of which at least one pixel is there. */
static int32_t draw_extent(uint64_t seed, int32_t which, int32_t extent, int32_t pad, int32_t stride)
{
    const int32_t most = (extent - 1 + pad) / stride + 1;
    return 1 + draw(seed, which, most < SIDE ? most : SIDE);
}

static void draw_case(pool_case *c, const gd_elementwise *table, uint64_t seed, int32_t stride)
{
    *c = (pool_case){.table = table,
                     .in_rows = 3 + draw(seed, 0, SIDE - 2),
                     .in_cols = 3 + draw(seed, 1, SIDE - 2),
                     .stride = stride,
                     .pad_rows = draw(seed, 2, 4) - 2,
                     .pad_cols = draw(seed, 3, 4) - 2,
                     .row = draw(seed, 4, 3),
                     .col = draw(seed, 5, 3),
                     .relu = draw(seed, 6, 2),
                     .accumulate = draw(seed, 7, 2),
                     .masked = draw(seed, 8, 2)};
    c->out_rows = draw_extent(seed, 9, c->in_rows, c->pad_rows, stride);
    c->out_cols = draw_extent(seed, 10, c->in_cols, c->pad_cols, stride);
    c->whole_rows = c->out_rows + c->row + draw(seed, 11, 3);
    c->whole_cols = c->out_cols + c->col + draw(seed, 12, 3);
    fill(c, 2 * seed, c->out, c->out_units);
    fill(c, seed, c->in, c->in_units);
    memcpy(c->before, c->in, sizeof c->before);
    for (int32_t i = 0; i < UNITS / 8; i++)
        c->mask[i] = (char)(i * 37 + (int32_t)seed);
}

/* Masks and winners have rows of SIDE units. */
static gd_pass pass_of(pool_case *c, bool back)
{
    gd_pass pass = {.src = c->in_units,
                    .dst = c->out_units,
                    .src_rows = c->in_rows,
                    .src_cols = c->in_cols,
                    .dst_rows = c->out_rows,
                    .dst_cols = c->out_cols,
                    .winner = c->winner,
                    .winner_pitch = SIDE,
                    .winner_size = SIDE * SIDE,
                    .mask = c->mask,
                    .mask_at = 1,
                    .mask_blocks = c->masked,
                    .mask_pitch = SIDE,
                    .mask_size = SIDE * SIDE,
                    .blocks = BLOCKS,
                    .stride = c->stride,
                    .pad_rows = c->pad_rows,
                    .pad_cols = c->pad_cols,
                    .src_row = c->row,
                    .src_col = c->col,
                    .src_whole_rows = c->whole_rows,
                    .src_whole_cols = c->whole_cols,
                    .relu = c->relu,
                    .accumulate = c->accumulate};
    if (back) {
        pass.src = c->out_units;
        pass.dst = c->in_units;
        pass.src_rows = c->out_rows;
        pass.src_cols = c->out_cols;
        pass.dst_rows = c->in_rows;
        pass.dst_cols = c->in_cols;
    }
    return pass;
}

/* A channel of a pixel. */
typedef struct place {
    int32_t block, y, x, channel;
} place;

static float *in_at(pool_case *c, place p)
{
    return &c->in[((p.block * c->in_rows + p.y) * c->in_cols + p.x) * c->table->block + p.channel];
}

static float *out_at(pool_case *c, place p)
{
    return &c->out[((p.block * c->out_rows + p.y) * c->out_cols + p.x) * c->table->block + p.channel];
}

static int32_t beside(const pool_case *c, place p)
{
    return ((p.block * SIDE + p.y) * SIDE + p.x) * c->table->block + p.channel;
}

/* The bit of a unit's mask; -1: it has none. */
static int mask_bit(const pool_case *c, place p)
{
    if (!c->masked || p.block != 1)
        return -1;
    p.block = 0;
    const int32_t bit = beside(c, p);
    return (unsigned char)c->mask[bit / 8] >> bit % 8 & 1;
}

static bool is_in(const pool_case *c, int32_t y, int32_t x)
{
    return y >= 0 && y < c->in_rows && x >= 0 && x < c->in_cols;
}

/* The window of `to`: its first maximum's place, or its mean. */
static int find_first_best(pool_case *c, place to, double *mean)
{
    int best = -1, count = 0;
    float most = 0;
    *mean = 0;
    for (int t = 0; t < 9; t++) {
        place from = to;
        from.y = to.y * c->stride - c->pad_rows + t / 3;
        from.x = to.x * c->stride - c->pad_cols + t % 3;
        if (!is_in(c, from.y, from.x))
            continue;
        const float value = *in_at(c, from);
        if (best < 0 || value > most) {
            best = t;
            most = value;
        }
        *mean += value;
        count++;
    }
    *mean /= count;
    return best;
}

/* How far a result may be from a sum of up to nine numbers below 8 that is rounded at most nine times, and
 * stored. */
static double tolerance(const pool_case *c, double sum)
{
    return 9 * 72 * 0x1p-24 + (c->table->bytes == 2 ? fabs(sum) * 0x1p-8 : 0);
}

static void check_max(pool_case *c, place to)
{
    double mean;
    const int best = find_first_best(c, to, &mean);
    const place from = {to.block, to.y * c->stride - c->pad_rows + best / 3,
                        to.x * c->stride - c->pad_cols + best % 3, to.channel};
    assert_true(*out_at(c, to) == *in_at(c, from));
    assert_int_equal(c->winner[beside(c, to)], best);
}

static void check_mean(pool_case *c, place to)
{
    double mean;
    find_first_best(c, to, &mean);
    if (c->relu && mean < 0)
        mean = 0;
    assert_true(fabs(*out_at(c, to) - mean) <= tolerance(c, mean));
    if (mask_bit(c, to) >= 0)
        assert_int_equal(mask_bit(c, to), *out_at(c, to) > 0);
}

/* Real pixels of the window around `at`. */
static int32_t real_pixels(int32_t at, int32_t extent)
{
    int32_t count = 0;
    for (int32_t i = at - 1; i <= at + 1; i++)
        count += i >= 0 && i < extent;
    return count;
}

static void check_back(pool_case *c, place to, bool max)
{
    double sum = 0;
    for (int t = 0; t < 9; t++) {
        const int32_t top = to.y + c->pad_rows - t / 3, left = to.x + c->pad_cols - t % 3;
        const place from = {to.block, top / c->stride, left / c->stride, to.channel};
        if (top < 0 || left < 0 || top % c->stride || left % c->stride || from.y >= c->out_rows ||
            from.x >= c->out_cols)
            continue;
        if (!max)
            sum += *out_at(c, from) / (real_pixels(from.y + c->row, c->whole_rows) *
                                       real_pixels(from.x + c->col, c->whole_cols));
        else if (c->winner[beside(c, from)] == t)
            sum += *out_at(c, from);
    }
    if (c->accumulate)
        sum += c->before[in_at(c, to) - c->in];
    if (mask_bit(c, to) == 0)
        sum = 0;
    assert_true(fabs(*in_at(c, to) - sum) <= tolerance(c, sum));
}

typedef void check_function(pool_case *c, place p);

static void check_max_back(pool_case *c, place p)
{
    check_back(c, p, true);
}

static void check_mean_back(pool_case *c, place p)
{
    check_back(c, p, false);
}

static void check_all(pool_case *c, int32_t rows, int32_t cols, check_function *run)
{
    for (place p = {0}; p.block < BLOCKS; p.block++)
        for (p.y = 0; p.y < rows; p.y++)
            for (p.x = 0; p.x < cols; p.x++)
                for (p.channel = 0; p.channel < c->table->block; p.channel++)
                    run(c, p);
}

static void run_forward(pool_case *c, void run(const gd_pass *), bool mean, check_function *check)
{
    gd_pass pass = pass_of(c, false);
    pass.write_mask = mean;
    run(&pass);
    c->table->to_floats(c->out_units, UNITS, c->out);
    check_all(c, c->out_rows, c->out_cols, check);
}

static void run_back(pool_case *c, void run(const gd_pass *), check_function *check)
{
    const gd_pass pass = pass_of(c, true);
    run(&pass);
    c->table->to_floats(c->in_units, UNITS, c->in);
    check_all(c, c->in_rows, c->in_cols, check);
}

static void check_table(const gd_elementwise *table)
{
    pool_case *c = malloc(sizeof *c);
    assert_non_null(c);
    for (uint64_t seed = 0; seed < CASES; seed++) {
        draw_case(c, table, seed, 1 + (int32_t)(seed / 2 % 2));
        run_forward(c, table->max_pool, false, check_max);
        run_back(c, table->max_pool_back, check_max_back);
        draw_case(c, table, seed, 1);
        run_forward(c, table->avg_pool, true, check_mean);
        run_back(c, table->avg_pool_back, check_mean_back);
    }
    free(c);
}

static void plain_tables(void **state)
{
    (void)state;
    check_table(&gd_elementwise_f32);
    check_table(&gd_elementwise_bf16_tiles_plain);
}

static void tables_of_avx512(void **state)
{
    (void)state;
    if (!gd_dnnl_get_isa().avx512) {
        print_message("skipped: this processor has no AVX-512\n");
        skip();
    }
    check_table(&gd_elementwise_f32_avx512);
    check_table(&gd_elementwise_bf16_avx512);
}

static void table_of_tiles(void **state)
{
    (void)state;
    if (!gd_dnnl_get_isa().bf16) {
        print_message("skipped: this processor has no AVX512_BF16\n");
        skip();
    }
    check_table(&gd_elementwise_bf16_tiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_tables), cmocka_unit_test(tables_of_avx512),
                                       cmocka_unit_test(table_of_tiles)};
    omp_set_num_threads(1); /* the passes are too small for more */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
