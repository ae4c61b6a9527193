/* The table of compatibility rules, and the arithmetic that depends on them. */
#include "tiling/compat_rules.h"

#include "base/round.h"

#include <math.h>

static const gd_compat_rules table[GD_COMPAT_COUNT] = {
    [GD_COMPAT_NONE] = {.program = "gigadream",
                        .extent = GD_EXTENT_DOUBLE,
                        .resample = GD_RESAMPLE_LANCZOS3,
                        .cuts = GD_CUTS_COVER,
                        .roll = GD_ROLL_CANVAS,
                        .tile_rounded = true,
                        .halo = true,
                        .own_units = false,
                        .precision = GD_PRECISION_AUTO,
                        .keep_detail = true,
                        .shaping = true,
                        .mask = true,
                        .frames = true,
                        .tile_auto = true,
                        .steps = 20,
                        .tile = 2048,
                        .output = NULL},
    [GD_COMPAT_TENSORFLOW] = {.program = "the TensorFlow program",
                              .extent = GD_EXTENT_FLOAT32,
                              .resample = GD_RESAMPLE_BILINEAR,
                              .cuts = GD_CUTS_CORNERS,
                              .roll = GD_ROLL_TILE,
                              .tile_rounded = false,
                              .halo = false,
                              .own_units = true,
                              .precision = GD_PRECISION_FP32,
                              .keep_detail = false,
                              .shaping = false,
                              .mask = false,
                              .frames = false,
                              .tile_auto = false,
                              .steps = 80,
                              .tile = 512,
                              .output = "output"},
};

const gd_compat_rules *gd_compat_rules_of(gd_compat compat)
{
    return &table[compat];
}

static int64_t scaled(const gd_compat_rules *rules, int64_t base, double factor)
{
    if (rules->extent == GD_EXTENT_FLOAT32)
        return (int64_t)((float)base * (float)factor);
    return (int64_t)((double)base * factor);
}

gd_extent gd_rules_extent(const gd_compat_rules *rules, gd_extent base, double scale, int32_t octave)
{
    const double factor = pow(scale, octave);
    return (gd_extent){scaled(rules, base.rows, factor), scaled(rules, base.cols, factor)};
}

int64_t gd_rules_tile(const gd_compat_rules *rules, int64_t tile, int32_t stride)
{
    return rules->tile_rounded ? gd_round_up(tile, stride) : tile;
}

void gd_rules_roll(const gd_compat_rules *rules, int64_t extent, int64_t tile, int64_t *first, int64_t *count)
{
    const bool of_tile = rules->roll == GD_ROLL_TILE;
    *first = of_tile ? -tile : 0;
    *count = of_tile ? 2 * tile : extent;
}
