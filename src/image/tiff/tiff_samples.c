/* Unpacks stored samples of a TIFF (1 to 16 bits, palettes, planes, alpha, CMYK) to RGB. */
#include "image/tiff/tiff_samples.h"

#include <string.h>

static unsigned sample_at(const uint8_t *raw, int32_t bits, size_t index)
{
    if (bits == 8)
        return raw[index];
    if (bits == 16) {
        uint16_t value;
        memcpy(&value, raw + 2 * index, sizeof value);
        return value;
    }
    size_t bit = index * (size_t)bits;
    return (unsigned)raw[bit / 8] >> (8 - bits - (int)(bit % 8)) & ((1u << bits) - 1u);
}

int32_t gd_tiff_sample_of(const gd_tiff_layout *l, int32_t c)
{
    return c < l->colours ? c : l->alpha;
}

static void put_sample(uint8_t *to, int32_t bits, size_t index, unsigned value)
{
    if (bits == 16)
        memcpy(to + 2 * index, &(uint16_t){(uint16_t)value}, 2);
    else
        to[index] = (uint8_t)value;
}

void gd_tiff_unpack(const gd_tiff_layout *l, const uint8_t *raw, int32_t plane, int64_t count, uint8_t *to)
{
    const int32_t stride = l->separate ? 1 : l->samples;
    const int32_t channels = l->separate ? 1 : l->kept;
    for (int64_t i = 0; i < count; i++) {
        for (int32_t c = 0; c < channels; c++) {
            const int32_t sample = l->separate ? 0 : gd_tiff_sample_of(l, c);
            put_sample(to, l->bits, (size_t)(i * l->kept + plane + c),
                       sample_at(raw, l->stored_bits, (size_t)(i * stride + sample)));
        }
    }
}

/* Divides a row's colours by alpha, rounded to nearest, and removes alpha. */
static void divide_alpha(const gd_tiff_layout *l, int64_t cols, uint8_t *pixels)
{
    const int32_t bits = l->bits, colours = l->colours;
    const uint64_t top = (1u << bits) - 1u;
    for (int64_t i = 0; i < cols; i++) {
        const uint64_t alpha = sample_at(pixels, bits, (size_t)(i * l->kept + colours));
        for (int32_t c = 0; c < colours; c++) {
            const uint64_t stored = sample_at(pixels, bits, (size_t)(i * l->kept + c));
            const uint64_t value = alpha ? (2 * stored * top + alpha) / (2 * alpha) : 0;
            put_sample(pixels, bits, (size_t)(i * colours + c), (unsigned)(value < top ? value : top));
        }
    }
}

static void grey_to_rgb(const gd_tiff_layout *l, int64_t cols, const uint8_t *pixels, uint8_t *rgb)
{
    bool inverted = l->inverted;
    unsigned top = (1u << l->stored_bits) - 1u, scale = l->stored_bits < 8 ? 255u / top : 1u;
    int32_t bits = l->bits;
    for (int64_t i = 0; i < cols; i++) {
        unsigned stored = sample_at(pixels, bits, (size_t)i);
        unsigned value = (inverted ? top - stored : stored) * scale;
        for (int32_t c = 0; c < 3; c++)
            put_sample(rgb, bits, (size_t)(3 * i + c), value);
    }
}

void gd_tiff_to_rgb(const gd_tiff_layout *l, int64_t cols, uint8_t *pixels, uint8_t *rgb)
{
    if (l->alpha)
        divide_alpha(l, cols, pixels);
    if (l->cmyk) {
        gd_cmyk_row(l->cmyk, pixels, rgb, cols);
    } else if (l->palette) {
        for (int64_t i = 0; i < cols; i++)
            memcpy(rgb + 3 * i, l->palette + 3 * pixels[i], 3);
    } else if (l->colours == 1) {
        grey_to_rgb(l, cols, pixels, rgb);
    } else {
        memcpy(rgb, pixels, (size_t)(cols * 3 * l->bits / 8));
    }
}
