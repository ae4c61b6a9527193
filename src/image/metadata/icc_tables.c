/* Adds the light of three channels in fixed point, and looks its sample up. */
#include "image/metadata/icc_tables.h"

#include <math.h>
#include <stdlib.h>

/* Light 1 is STEPS << SHIFT. A sample of sRGB has at least 4.9 steps, at black. */
enum { STEPS = 1 << 14, SHIFT = 8, RANGE_MAX = 4 };

struct gd_icc_tables {
    int32_t light[3][GD_ICC_SAMPLES][3]; /* so that the sum of three is at least 0 */
    uint8_t samples[RANGE_MAX * STEPS];  /* of light in steps, from the least sum */
};

/* IEC 61966-2-1. */
static double srgb_of(double light)
{
    return light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

static uint8_t sample_of(double light)
{
    const double value = light <= 0 ? 0 : light >= 1 ? 1 : srgb_of(light);
    return (uint8_t)(255 * value + 0.5);
}

/* Sum of the channels' least and largest light of a primary. */
static void find_range(const gd_icc_light *light, int primary, double range[2])
{
    range[0] = range[1] = 0;
    for (int channel = 0; channel < 3; channel++) {
        double least = INFINITY, most = -INFINITY;
        for (int i = 0; i < GD_ICC_SAMPLES; i++) {
            least = fmin(least, light->of[channel][i][primary]);
            most = fmax(most, light->of[channel][i][primary]);
        }
        range[0] += least;
        range[1] += most;
    }
}

/* Fixed point; a third of `offset` in each channel. */
static void fill_light(gd_icc_tables *tables, const gd_icc_light *light, double offset)
{
    for (int channel = 0; channel < 3; channel++)
        for (int i = 0; i < GD_ICC_SAMPLES; i++)
            for (int primary = 0; primary < 3; primary++)
                tables->light[channel][i][primary] =
                    (int32_t)lround((light->of[channel][i][primary] + offset / 3) * STEPS * (1 << SHIFT));
}

gd_icc_tables *gd_icc_tables_create(const gd_icc_light *light)
{
    double least = 0, most = 0;
    for (int primary = 0; primary < 3; primary++) {
        double range[2];
        find_range(light, primary, range);
        least = fmin(least, range[0]);
        most = fmax(most, range[1]);
    }
    const double offset = ceil(-least * STEPS + 1) / STEPS; /* whole steps */
    if (!(most + offset < RANGE_MAX - 1.0 / STEPS))
        return NULL;
    gd_icc_tables *tables = malloc(sizeof *tables);
    if (!tables)
        return NULL;
    fill_light(tables, light, offset);
    for (int i = 0; i < RANGE_MAX * STEPS; i++)
        tables->samples[i] = sample_of((i + 0.5) / STEPS - offset);
    return tables;
}

void gd_icc_tables_convert(const gd_icc_tables *tables, uint8_t *rgb, int64_t count)
{
    for (int64_t i = 0; i < count; i++, rgb += 3) {
        const int32_t *red = tables->light[0][rgb[0]], *green = tables->light[1][rgb[1]],
                      *blue = tables->light[2][rgb[2]];
        for (int c = 0; c < 3; c++)
            rgb[c] = tables->samples[(red[c] + green[c] + blue[c]) >> SHIFT];
    }
}

void gd_icc_tables_free(gd_icc_tables *tables)
{
    free(tables);
}
