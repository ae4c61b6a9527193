/* The emulation of tile registers: products against exact sums in double, with denormals and cancellation,
 * and the mistakes that it must notice.
 *
 *   test_tile_registers [real]   real: the same products by the processor's own instructions, whose bits must
 * be the emulation's; exits with 77 where there are none */
#include "base/random.h"
#include "check.h"
#include "kernels/cpu/tiles/emulation.h"
#include "kernels/cpu/tiles/tiles.h"
#include "kernels/tile_product.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 16, COLUMNS = 16, PAIRS = 16, ROUNDS = 200 };

typedef struct operands {
    uint16_t a[ROWS][2 * PAIRS], b[PAIRS][2 * COLUMNS];
    float sums[ROWS][COLUMNS];
} operands;

static float from_bf16(uint16_t bits)
{
    const uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

/* Any bits but those of infinities, with an exponent within `spread` of `middle`: 0 is that of denormals. */
static uint16_t draw(uint64_t seed, int32_t index, int32_t middle, int32_t spread)
{
    const int32_t exponent =
        middle + (int32_t)gd_random_below(seed, GD_RANDOM_NOISE, (uint32_t)(2 * spread + 1), index, 1, 0) -
        spread;
    const uint32_t rest = gd_random_below(seed, GD_RANDOM_NOISE, 256, index, 2, 0);
    const uint32_t field = exponent < 0 ? 0 : exponent > 254 ? 254 : (uint32_t)exponent;
    return (uint16_t)((rest & 0x80U) << 8 | field << 7 | (rest & 0x7fU));
}

/* a and b with exponents about `middle`, whose products lie about twice that, less the bias; what is added
 * to, like the products. */
static void draw_operands(operands *o, uint64_t seed, int32_t middle, int32_t spread)
{
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < 2 * PAIRS; j++) {
            o->a[i][j] = draw(3 * seed, i * 2 * PAIRS + j, middle, spread);
            o->b[i][j] = draw(3 * seed + 1, i * 2 * PAIRS + j, middle, spread);
        }
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            o->sums[i][j] =
                from_bf16(draw(3 * seed + 2, i * COLUMNS + j, 2 * middle - 127, spread)) * 1.0001F;
}

static double flushed(double value)
{
    return fabs(value) < (double)FLT_MIN ? copysign(0, value) : value;
}

/* a + b rounded once to float, from numbers that double holds: the sum is rounded to odd there (Boldo and
 * Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd"). */
static float rounded_sum(double a, double b)
{
    double sum = a + b;
    const double part = sum - a, error = (a - (sum - part)) + (b - part); /* Knuth's two-sum */
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    if (error != 0 && bits % 2 == 0)
        sum = nextafter(sum, error > 0 ? (double)INFINITY : -(double)INFINITY);
    return (float)flushed((double)(float)sum);
}

static float expected(const operands *o, int m, int n)
{
    float chains[2] = {0, 0};
    for (int k = 0; k < PAIRS; k++)
        for (int i = 0; i < 2; i++) {
            const double a = flushed((double)from_bf16(o->a[m][2 * k + i]));
            const double b = flushed((double)from_bf16(o->b[k][2 * n + i]));
            chains[i] = rounded_sum(a * b, (double)chains[i]);
        }
    const float both = rounded_sum((double)chains[0], (double)chains[1]);
    return rounded_sum(flushed((double)o->sums[m][n]), (double)both);
}

static gd_tile_config full_config(void)
{
    gd_tile_config config = {.palette = 1};
    for (int t = 0; t < GD_TILES; t++) {
        config.rows[t] = GD_TILE_ROWS;
        config.row_bytes[t] = GD_TILE_ROW;
    }
    return config;
}

static void allow_all(gd_tile_file *file, const operands *o)
{
    const gd_tile_config config = full_config();
    *file = (gd_tile_file){0};
    gd_tile_allow(file, o, sizeof *o);
    gd_tile_configure(file, &config);
}

static void multiply(operands *o)
{
    gd_tile_file file;
    allow_all(&file, o);
    gd_tile_load(&file, 0, o->sums, sizeof o->sums[0]);
    gd_tile_load(&file, 4, o->a, sizeof o->a[0]);
    gd_tile_load(&file, 6, o->b, sizeof o->b[0]);
    gd_tile_multiply(&file, 0, 4, 6);
    gd_tile_store(&file, 0, o->sums, sizeof o->sums[0]);
    gd_tile_release(&file);
    assert_null(file.fault);
}

/* Same bits, but for the payload of what is no number. */
static void check_bits(float got, float wanted, int m, int n)
{
    if (memcmp(&got, &wanted, sizeof got) != 0 && !(isnan(got) && isnan(wanted)))
        fail_msg("row %d, column %d: %a, not %a", m, n, (double)got, (double)wanted);
}

/* middle 127: products about 1; 64: about the smallest normal number; 8: below all; 190: up to infinity. */
static void draw_range(operands *o, uint64_t seed)
{
    static const int32_t ranges[][2] = {{127, 1}, {127, 12}, {64, 2}, {64, 12}, {66, 64}, {8, 16}, {190, 3}};
    const int32_t *range = ranges[seed % (sizeof ranges / sizeof ranges[0])];
    draw_operands(o, seed, range[0], range[1]);
}

static void test_products(void **state)
{
    (void)state;
    int32_t denormal = 0, infinite = 0;
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        operands o, before;
        draw_range(&o, seed);
        before = o;
        multiply(&o);
        for (int m = 0; m < ROWS; m++)
            for (int n = 0; n < COLUMNS; n++) {
                check_bits(o.sums[m][n], expected(&before, m, n), m, n);
                denormal += o.sums[m][n] == 0;
                infinite += !isfinite(o.sums[m][n]);
            }
    }
    print_message("%d results flushed to zero, %d infinite\n", denormal, infinite);
    assert_true(denormal > 100 && infinite > 100);
}

/* Pairs that cancel but for the last bit, in an order that only two chains give. */
static void test_chains(void **state)
{
    (void)state;
    operands o;
    memset(&o, 0, sizeof o);
    const uint16_t one = 0x3f80, large = 0x4b80, minus_large = 0xcb80; /* 2^24 */
    for (int k = 0; k < PAIRS; k++)
        for (int n = 0; n < 2 * COLUMNS; n++)
            o.b[k][n] = one;
    /* Even: 2^24 + 1 rounds to 2^24, then - 2^24 leaves 0; odd: 1. */
    o.a[3][0] = large;
    o.a[3][2] = one;
    o.a[3][4] = minus_large;
    o.a[3][7] = one;
    multiply(&o);
    assert_true(o.sums[3][0] == 1.0F);
    assert_true(o.sums[2][0] == 0.0F);
}

/* Fewer rows and columns than a register has. */
static void test_small(void **state)
{
    (void)state;
    operands o, before;
    gd_tile_file file = {0};
    gd_tile_config config = {.palette = 1};
    const uint8_t rows[] = {5, 5, 3};          /* sums, a, b */
    const uint16_t row_bytes[] = {28, 12, 28}; /* 7 columns, 3 pairs */
    for (int t = 0; t < 3; t++) {
        config.rows[t] = rows[t];
        config.row_bytes[t] = row_bytes[t];
    }
    draw_operands(&o, 1, 127, 2);
    before = o;
    for (int m = 0; m < ROWS; m++)
        for (int k = 3 * 2; k < 2 * PAIRS; k++)
            before.a[m][k] = 0;
    gd_tile_allow(&file, &o, sizeof o);
    gd_tile_configure(&file, &config);
    gd_tile_load(&file, 0, o.sums, sizeof o.sums[0]);
    gd_tile_load(&file, 1, o.a, sizeof o.a[0]);
    gd_tile_load(&file, 2, o.b, sizeof o.b[0]);
    gd_tile_multiply(&file, 0, 1, 2);
    gd_tile_store(&file, 0, o.sums, sizeof o.sums[0]);
    assert_null(file.fault);
    for (int m = 0; m < ROWS; m++)
        for (int n = 0; n < COLUMNS; n++)
            check_bits(o.sums[m][n], m < 5 && n < 7 ? expected(&before, m, n) : before.sums[m][n], m, n);
}

static void check_fault(const gd_tile_file *file, const char *words)
{
    assert_non_null(file->fault);
    if (!strstr(file->fault, words))
        fail_msg("\"%s\", not \"%s\"", file->fault, words);
}

static void test_unwritten(void **state)
{
    (void)state;
    operands o = {0};
    gd_tile_file file;
    allow_all(&file, &o);
    gd_tile_zero(&file, 0);
    gd_tile_load(&file, 4, o.a, sizeof o.a[0]);
    gd_tile_multiply(&file, 0, 4, 6);
    check_fault(&file, "before it was written");
    allow_all(&file, &o);
    gd_tile_store(&file, 1, o.sums, sizeof o.sums[0]);
    check_fault(&file, "before it was written");
    /* A new configuration empties them. */
    const gd_tile_config config = full_config();
    allow_all(&file, &o);
    gd_tile_zero(&file, 0);
    gd_tile_configure(&file, &config);
    gd_tile_store(&file, 0, o.sums, sizeof o.sums[0]);
    check_fault(&file, "before it was written");
}

static void test_configurations(void **state)
{
    (void)state;
    operands o = {0};
    gd_tile_file file = {0};
    gd_tile_zero(&file, 0);
    check_fault(&file, "without a configuration");
    allow_all(&file, &o);
    gd_tile_release(&file);
    gd_tile_zero(&file, 0);
    check_fault(&file, "without a configuration");
    gd_tile_config wrong[] = {full_config(), full_config(), full_config(), full_config(), full_config()};
    wrong[0].palette = 0;
    wrong[1].rows[2] = GD_TILE_ROWS + 1;
    wrong[2].row_bytes[3] = GD_TILE_ROW + 4;
    wrong[3].rows[GD_TILES] = wrong[3].row_bytes[GD_TILES] = 4;
    wrong[4].reserved[0] = 1;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        file = (gd_tile_file){0};
        gd_tile_configure(&file, &wrong[i]);
        check_fault(&file, "palette 1");
    }
}

static void test_misfits(void **state)
{
    (void)state;
    operands o = {0};
    gd_tile_file file = {0};
    gd_tile_config config = full_config();
    config.rows[4] = 8;
    config.rows[5] = config.row_bytes[5] = 0;
    gd_tile_allow(&file, &o, sizeof o);
    gd_tile_configure(&file, &config);
    gd_tile_zero(&file, 0);
    gd_tile_load(&file, 4, o.a, sizeof o.a[0]);
    gd_tile_load(&file, 6, o.b, sizeof o.b[0]);
    gd_tile_multiply(&file, 0, 4, 6);
    check_fault(&file, "do not fit");
    allow_all(&file, &o);
    gd_tile_zero(&file, 0);
    gd_tile_zero(&file, 4);
    gd_tile_multiply(&file, 0, 4, 4);
    check_fault(&file, "with itself");
    file = (gd_tile_file){0};
    gd_tile_configure(&file, &config);
    gd_tile_zero(&file, 5);
    check_fault(&file, "not configured");
}

static void test_addresses(void **state)
{
    (void)state;
    operands o[2];
    gd_tile_file file;
    memset(o, 0, sizeof o);
    allow_all(&file, &o[0]);
    gd_tile_load(&file, 4, o[0].sums, sizeof o[0].sums[0]);
    assert_null(file.fault);
    gd_tile_load(&file, 4, o[1].a, sizeof o[1].a[0]);
    check_fault(&file, "outside");
    /* The last row is half a row too far. */
    allow_all(&file, &o[0]);
    gd_tile_load(&file, 4, (char *)o[0].sums + 32, sizeof o[0].sums[0]);
    check_fault(&file, "outside");
    allow_all(&file, &o[0]);
    gd_tile_zero(&file, 0);
    gd_tile_store(&file, 0, (char *)&o[1] - 4, sizeof o[0].a[0]);
    check_fault(&file, "outside");
    /* Nothing is done after a mistake. */
    o[0].sums[0][0] = 1;
    gd_tile_store(&file, 0, o[0].sums, sizeof o[0].sums[0]);
    assert_true(o[0].sums[0][0] == 1.0F);
}

#ifdef GD_HAVE_AMX

static void test_real_products(void **state)
{
    (void)state;
    const gd_tile_config config = full_config();
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        operands o, real;
        draw_range(&o, seed);
        real = o;
        multiply(&o);
        tile_product(&config, real.sums[0], real.a[0], real.b[0]);
        for (int m = 0; m < ROWS; m++)
            for (int n = 0; n < COLUMNS; n++)
                check_bits(real.sums[m][n], o.sums[m][n], m, n);
    }
}

static int run_real(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_real_products)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static int run_real(void)
{
    return 77; /* gd_tiles_find has said why */
}

#endif

int main(int argc, char **argv)
{
    const char *missing;
    const bool real = argc > 1 && strcmp(argv[1], "real") == 0;
    if (real && !gd_tiles_find(true, &missing)) {
        printf("no matrix tiles: %s\n", missing);
        return 77;
    }
    if (real)
        return run_real();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),       cmocka_unit_test(test_chains),
        cmocka_unit_test(test_small),          cmocka_unit_test(test_unwritten),
        cmocka_unit_test(test_misfits),        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
