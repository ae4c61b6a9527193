/* Converts the stored samples of a TIFF to RGB of 8 or 16 bits. */
#ifndef GD_IMAGE_TIFF_TIFF_SAMPLES_H
#define GD_IMAGE_TIFF_TIFF_SAMPLES_H

#include "image/cmyk.h"

/* Layout of a stored pixel, and which samples of it are read. */
typedef struct gd_tiff_layout {
    int32_t stored_bits; /* of a sample: 1, 2, 4, 8 or 16 */
    int32_t bits;        /* of one that was read: 8 or 16 */
    int32_t samples;     /* of a pixel, alpha included */
    int32_t colours;     /* of them, colour channels: 1, 3 or 4 */
    int32_t alpha;       /* the sample by which colours are multiplied; 0: they are not */
    int32_t kept;        /* channels that are read: the colours, and alpha where there is one */
    bool separate;       /* planes */
    bool inverted;       /* grey of which 0 is white */
    uint8_t *palette;    /* owned; [1 << stored_bits, 3]; NULL: there is none */
    gd_cmyk *cmyk;       /* owned; NULL: not CMYK */
} gd_tiff_layout;

/* The stored sample that becomes channel c. */
int32_t gd_tiff_sample_of(const gd_tiff_layout *layout, int32_t c);

/* Copies the channels of `count` pixels that are read to `to`, [count, kept]; of separate planes, the one
 * channel `plane`. */
void gd_tiff_unpack(const gd_tiff_layout *layout, const uint8_t *raw, int32_t plane, int64_t count,
                    uint8_t *to);

/* A row of pixels, [cols, kept], which it changes, to [cols, 3]. */
void gd_tiff_to_rgb(const gd_tiff_layout *layout, int64_t cols, uint8_t *pixels, uint8_t *rgb);

#endif
