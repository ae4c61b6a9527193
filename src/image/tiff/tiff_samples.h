/* Converts the stored samples of a TIFF to RGB of 8 or 16 bits. */
#ifndef GD_IMAGE_TIFF_TIFF_SAMPLES_H
#define GD_IMAGE_TIFF_TIFF_SAMPLES_H

#include "image/cmyk.h"

/* Layout of a stored pixel, and which samples of it are read. */
typedef struct gd_tiff_layout {
    int32_t stored_bits; /* of a sample: 1, 2, 4, 8 or 16 */
    int32_t bits;        /* of a sample after reading: 8 or 16 */
    int32_t samples;     /* of a pixel, alpha included */
    int32_t colours;     /* colour channels among them: 1, 3 or 4 */
    int32_t alpha;       /* index of the sample that colours are multiplied by; 0: they are not */
    int32_t kept;        /* channels that are read: colours and, if set, alpha */
    bool separate;       /* each channel is stored in its own plane */
    bool inverted;       /* grey with 0 as white */
    uint8_t *palette;    /* owned; [1 << stored_bits, 3]; NULL: none */
    gd_cmyk *cmyk;       /* owned; NULL: not CMYK */
} gd_tiff_layout;

/* Index of the stored sample for channel c. */
int32_t gd_tiff_sample_of(const gd_tiff_layout *layout, int32_t c);

/* Unpacks `count` pixels to `to`, [count, kept]: all channels that are read or, for separate planes, only
 * `plane`. */
void gd_tiff_unpack(const gd_tiff_layout *layout, const uint8_t *raw, int32_t plane, int64_t count,
                    uint8_t *to);

/* Converts a row of pixels [cols, kept], which it modifies, to RGB [cols, 3]. */
void gd_tiff_to_rgb(const gd_tiff_layout *layout, int64_t cols, uint8_t *pixels, uint8_t *rgb);

#endif
