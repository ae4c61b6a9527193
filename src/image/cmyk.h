/* Converts CMYK pictures to sRGB. */
#ifndef GD_IMAGE_CMYK_H
#define GD_IMAGE_CMYK_H

#include "image/decoder.h"

/* Converts CMYK samples of 8 bits to sRGB by the decoder's ICC profile, which is dropped. */
typedef struct gd_cmyk gd_cmyk;
gd_status gd_cmyk_create(gd_decoder *decoder, bool inverted, gd_cmyk **cmyk, gd_error *error) GD_CHECKED;
/* cmyk: [cols, 4]; rgb: [cols, 3] */
void gd_cmyk_row(const gd_cmyk *cmyk, const uint8_t *samples, uint8_t *rgb, int64_t cols);
void gd_cmyk_free(gd_cmyk *cmyk); /* NULL is fine */

#endif
