/* Tile registers and the instructions on them in plain C.
 *
 * For each element of the result TDPBF16PS adds up two chains of fused multiply-adds, one of the even and one
 * of the odd numbers of the pairs, from zero on; then even + odd; then that to what the register held.
 * Rounding is to nearest even, denormals count as zero and are flushed to it, whatever MXCSR says. */
#include "kernels/cpu/tiles/emulation.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { PALETTE = 1, COLUMNS = GD_TILE_ROW / 4, PAIR_BYTES = 4 };

static bool fail(gd_tile_file *file, const char *fault)
{
    if (!file->fault)
        file->fault = fault;
    return false;
}

void gd_tile_allow(gd_tile_file *file, const void *begin, size_t bytes)
{
    if (file->range_count == GD_TILE_RANGES_MAX) {
        fail(file, "more ranges of memory than an emulated tile file holds");
        return;
    }
    file->ranges[file->range_count++] = (gd_tile_range){begin, bytes};
}

void gd_tile_configure(gd_tile_file *file, const gd_tile_config *config)
{
    bool good = config->palette == PALETTE && config->start_row == 0;
    for (size_t i = 0; i < sizeof config->reserved; i++)
        good = good && config->reserved[i] == 0;
    for (int t = 0; t < 16; t++) {
        const bool used = config->rows[t] > 0 && config->row_bytes[t] > 0;
        const bool unused = config->rows[t] == 0 && config->row_bytes[t] == 0;
        good = good && config->rows[t] <= GD_TILE_ROWS && config->row_bytes[t] <= GD_TILE_ROW &&
               (unused || (used && t < GD_TILES));
    }
    if (!good) {
        fail(file, "a configuration that palette 1 does not have");
        return;
    }
    file->config = *config;
    file->configured = true;
    memset(file->written, 0, sizeof file->written);
}

void gd_tile_release(gd_tile_file *file)
{
    file->configured = false;
    memset(file->written, 0, sizeof file->written);
}

/* Whether a tile can be used at all. */
static bool is_ready(gd_tile_file *file, int tile)
{
    if (file->fault)
        return false;
    if (!file->configured)
        return fail(file, "a tile instruction without a configuration");
    if (tile < 0 || tile >= GD_TILES || file->config.rows[tile] == 0)
        return fail(file, "a tile that is not configured");
    return true;
}

static bool is_written(gd_tile_file *file, int tile)
{
    return is_ready(file, tile) && (file->written[tile] || fail(file, "a tile read before it was written"));
}

static bool is_allowed(gd_tile_file *file, const char *row, size_t bytes)
{
    for (int i = 0; i < file->range_count; i++) {
        const uintptr_t begin = (uintptr_t)file->ranges[i].begin, at = (uintptr_t)row;
        if (at >= begin && at + bytes <= begin + file->ranges[i].bytes)
            return true;
    }
    return fail(file, "a tile's row outside of the memory that it may touch");
}

void gd_tile_zero(gd_tile_file *file, int tile)
{
    if (!is_ready(file, tile))
        return;
    memset(file->tiles[tile], 0, sizeof file->tiles[tile]);
    file->written[tile] = true;
}

void gd_tile_load(gd_tile_file *file, int tile, const void *from, ptrdiff_t stride)
{
    if (!is_ready(file, tile))
        return;
    memset(file->tiles[tile], 0, sizeof file->tiles[tile]);
    for (int r = 0; r < file->config.rows[tile]; r++) {
        const char *row = (const char *)from + r * stride;
        if (!is_allowed(file, row, file->config.row_bytes[tile]))
            return;
        memcpy(file->tiles[tile][r], row, file->config.row_bytes[tile]);
    }
    file->written[tile] = true;
}

void gd_tile_store(gd_tile_file *file, int tile, void *to, ptrdiff_t stride)
{
    if (!is_written(file, tile))
        return;
    for (int r = 0; r < file->config.rows[tile]; r++) {
        char *row = (char *)to + r * stride;
        if (!is_allowed(file, row, file->config.row_bytes[tile]))
            return;
        memcpy(row, file->tiles[tile][r], file->config.row_bytes[tile]);
    }
}

static inline __attribute__((always_inline)) float flushed(float value)
{
    return fabsf(value) < FLT_MIN ? copysignf(0, value) : value;
}

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The even and odd numbers of a row of pairs. */
static inline __attribute__((always_inline)) void split(const unsigned char row[GD_TILE_ROW],
                                                        float even[COLUMNS], float odd[COLUMNS])
{
    uint32_t pairs[COLUMNS];
    memcpy(pairs, row, sizeof pairs);
    for (int i = 0; i < COLUMNS; i++) {
        even[i] = flushed(from_bits(pairs[i] << 16));
        odd[i] = flushed(from_bits(pairs[i] & 0xffff0000U));
    }
}

/* sums = sums + a * b, rounded once. The product of two bf16 has 16 bits, so that it is exact as a float, and
 * a plain sum rounds once, unless it lies outside of the normal numbers: then there is fmaf. */
static inline __attribute__((always_inline)) void add_products(float sums[COLUMNS], float a,
                                                               const float b[COLUMNS])
{
    float made[COLUMNS];
    int exact = 1;
    for (int n = 0; n < COLUMNS; n++) {
        const float product = a * b[n], size = fabsf(product);
        exact &= (size >= FLT_MIN && size <= FLT_MAX) || a == 0 || b[n] == 0;
        made[n] = flushed(sums[n] + product);
    }
    for (int n = 0; n < COLUMNS; n++)
        sums[n] = exact ? made[n] : flushed(fmaf(a, b[n], sums[n]));
}

/* One row of the result. b_even, b_odd: [pairs][columns]. */
static inline __attribute__((always_inline)) void multiply_row(const float *a_even, const float *a_odd,
                                                               float b_even[][COLUMNS],
                                                               float b_odd[][COLUMNS], int pairs,
                                                               float sums[COLUMNS])
{
    float even[COLUMNS] = {0}, odd[COLUMNS] = {0};
    for (int k = 0; k < pairs; k++) {
        add_products(even, a_even[k], b_even[k]);
        add_products(odd, a_odd[k], b_odd[k]);
    }
    for (int n = 0; n < COLUMNS; n++)
        sums[n] = flushed(flushed(sums[n]) + flushed(even[n] + odd[n]));
}

static bool fit(gd_tile_file *file, int sums, int a, int b)
{
    const gd_tile_config *config = &file->config;
    if (sums == a || sums == b || a == b)
        return fail(file, "a product of one tile with itself");
    if (config->rows[a] != config->rows[sums] || config->row_bytes[b] != config->row_bytes[sums] ||
        config->row_bytes[a] != config->rows[b] * PAIR_BYTES || config->row_bytes[sums] % PAIR_BYTES)
        return fail(file, "a product of tiles whose rows and columns do not fit");
    return true;
}

__attribute__((target_clones("avx512f", "avx2", "default"))) static void multiply(gd_tile_file *file,
                                                                                  int sums, int a, int b)
{
    float b_even[GD_TILE_ROWS][COLUMNS], b_odd[GD_TILE_ROWS][COLUMNS];
    const int pairs = file->config.rows[b], columns = file->config.row_bytes[sums] / PAIR_BYTES;
    for (int k = 0; k < pairs; k++)
        split(file->tiles[b][k], b_even[k], b_odd[k]);
    for (int m = 0; m < file->config.rows[sums]; m++) {
        float a_even[COLUMNS], a_odd[COLUMNS], row[COLUMNS];
        split(file->tiles[a][m], a_even, a_odd);
        memcpy(row, file->tiles[sums][m], sizeof row);
        multiply_row(a_even, a_odd, b_even, b_odd, pairs, row);
        memcpy(file->tiles[sums][m], row, (size_t)columns * sizeof *row);
    }
}

/* Not itself in clones: clang 14 calls such a function by another name from other files. */
void gd_tile_multiply(gd_tile_file *file, int sums, int a, int b)
{
    if (is_written(file, sums) && is_written(file, a) && is_written(file, b) && fit(file, sums, a, b))
        multiply(file, sums, a, b);
}
