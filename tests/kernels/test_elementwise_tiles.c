/* Blocks of 32 channels of bf16: the tables for AVX512_BF16 and in plain C give the same bits, and those of
 * the blocks of 16 where nothing is a denormal; every function, with sums, ReLU and masks. */
#include "base/random.h"
#include "check.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/onednn.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 32,
    BLOCKS = 3,
    ROWS = 9,
    COLS = 11,
    SMALL_ROWS = (ROWS - 3) / 2 + 1,
    SMALL_COLS = (COLS - 3) / 2 + 1,
    PIXELS = ROWS * COLS,
    UNITS = BLOCKS * PIXELS * BLOCK
};

typedef struct arrays {
    uint16_t src[UNITS], dst[UNITS];
    uint8_t winner[UNITS];
    uint32_t mask[BLOCKS * PIXELS];
    float sums[BLOCK * BLOCK], bias[BLOCKS * BLOCK], window[PIXELS * 3];
} arrays;

/* Mostly numbers about 1, some of them zero, denormal, infinite or no number. */
static uint16_t draw(uint64_t seed, int32_t index)
{
    const uint32_t bits = gd_random_below(seed, GD_RANDOM_NOISE, 65536, index, 0, 0);
    switch (gd_random_below(seed, GD_RANDOM_NOISE, 64, index, 1, 0)) {
    case 0:
        return (uint16_t)(bits & 0x8000U);
    case 1:
        return (uint16_t)(bits & 0x807fU);
    case 2:
        return (uint16_t)((bits & 0x8000U) | 0x7f80U);
    default:
        return (uint16_t)((bits & 0x81ffU) | 0x3e00U);
    }
}

static float widened(uint16_t unit, uint32_t low)
{
    const uint32_t bits = (uint32_t)unit << 16 | low;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static arrays *create(void)
{
    arrays *a = malloc(sizeof *a);
    assert_non_null(a);
    for (int32_t i = 0; i < UNITS; i++) {
        a->src[i] = draw(1, i);
        a->dst[i] = draw(2, i);
        a->winner[i] = (uint8_t)gd_random_below(3, GD_RANDOM_NOISE, 9, i, 0, 0);
    }
    for (int32_t i = 0; i < BLOCKS * PIXELS; i++)
        a->mask[i] = gd_random_below(4, GD_RANDOM_NOISE, UINT32_MAX, i, 0, 0);
    for (int32_t i = 0; i < BLOCK * BLOCK; i++)
        a->sums[i] = widened(draw(5, i), gd_random_below(6, GD_RANDOM_NOISE, 65536, i, 0, 0));
    for (int32_t i = 0; i < BLOCKS * BLOCK; i++)
        a->bias[i] = widened(0x3f80, (uint32_t)i * 77);
    for (int32_t i = 0; i < PIXELS * 3; i++)
        a->window[i] = widened(draw(7, i), gd_random_below(8, GD_RANDOM_NOISE, 65536, i, 0, 0));
    return a;
}

static gd_pass pass_of(arrays *a, bool relu, bool accumulate, bool write_mask, bool masked)
{
    return (gd_pass){.src = a->src,
                     .dst = a->dst,
                     .winner = a->winner,
                     .mask = a->mask,
                     .mask_at = 1,
                     .mask_blocks = masked ? 2 : 0,
                     .mask_pitch = COLS,
                     .mask_size = PIXELS,
                     .winner_pitch = SMALL_COLS,
                     .winner_size = SMALL_ROWS * SMALL_COLS,
                     .src_whole_rows = ROWS,
                     .src_whole_cols = COLS,
                     .blocks = BLOCKS,
                     .src_rows = ROWS,
                     .src_cols = COLS,
                     .dst_rows = ROWS,
                     .dst_cols = COLS,
                     .relu = relu,
                     .accumulate = accumulate,
                     .write_mask = write_mask,
                     .step = 1,
                     .stride = 2,
                     .kept = a->src,
                     .kept_pitch = COLS,
                     .kept_size = PIXELS,
                     .lrn = {.size = 5, .quarters = 3, .scale = 0.1, .bias = 2},
                     .value = 0.3F};
}

typedef void operation(const gd_elementwise *e, gd_pass *pass, arrays *a);

static void extract(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    e->extract(pass);
}

static void combine(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    e->combine(pass);
}

static void seed(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    e->seed(pass);
}

static void max_pool(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    pass->dst_rows = SMALL_ROWS;
    pass->dst_cols = SMALL_COLS;
    e->max_pool(pass);
}

static void max_pool_back(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    pass->src_rows = SMALL_ROWS;
    pass->src_cols = SMALL_COLS;
    e->max_pool_back(pass);
}

static void avg_pool(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    pass->pad_rows = pass->pad_cols = 1;
    e->avg_pool(pass);
}

static void avg_pool_back(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    pass->pad_rows = pass->pad_cols = 1;
    e->avg_pool_back(pass);
}

static void lrn(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    e->lrn(pass);
}

static void lrn_back(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)a;
    e->lrn_back(pass);
}

static void read_picture(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)pass;
    e->read_picture(a->window, COLS * 3, (const float[3]){0.25F, -0.5F, 0}, ROWS, COLS, a->dst);
}

/* A lattice of every other pixel, from the middle of a row on. */
static void finish_tile(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    pass->row = 1;
    pass->step = 2;
    e->finish_tile(pass, a->bias, a->sums, 1, 3, 20);
}

static void widen_and_convert(const gd_elementwise *e, gd_pass *pass, arrays *a)
{
    (void)pass;
    e->widen(a->src, BLOCK * BLOCK, a->sums);
    e->from_floats(a->window, PIXELS * 3, a->dst);
    e->to_floats(a->src + BLOCK * BLOCK, BLOCKS * BLOCK, a->bias);
}

static operation *const operations[] = {extract,       combine,           seed,          max_pool,
                                        max_pool_back, avg_pool,          avg_pool_back, read_picture,
                                        finish_tile,   widen_and_convert, lrn,           lrn_back};

enum { OPERATIONS = sizeof operations / sizeof operations[0], FLAGS = 16 };

static void test_tables(void **state)
{
    (void)state;
    if (!gd_dnnl_get_isa().bf16) {
        print_message("skipped: this processor has no AVX512_BF16\n");
        skip();
    }
    const gd_elementwise *tables[2] = {&gd_elementwise_bf16_tiles, &gd_elementwise_bf16_tiles_plain};
    arrays *before = create(), *results[2] = {create(), create()};
    for (int o = 0; o < OPERATIONS; o++)
        for (int flags = 0; flags < FLAGS; flags++) {
            for (int t = 0; t < 2; t++) {
                memcpy(results[t], before, sizeof *before);
                gd_pass pass = pass_of(results[t], flags & 1, flags & 2, flags & 4, flags & 8);
                operations[o](tables[t], &pass, results[t]);
            }
            if (memcmp(results[0], results[1], sizeof **results) != 0)
                fail_msg("operation %d, flags %d: other bits in plain C", o, flags);
        }
    free(before);
    free(results[0]);
    free(results[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
