/* Converts CMYK pictures to sRGB. */
#ifndef GD_IMAGE_CMYK_H
#define GD_IMAGE_CMYK_H

#include "image/decoder.h"

/* A conversion of 8-bit CMYK samples to sRGB by an ICC profile. */
typedef struct gd_cmyk gd_cmyk;

/* Uses the decoder's CMYK profile, which it removes. `inverted`: a sample of 0 is full ink. The caller frees
 * it. GD_USAGE if there is no CMYK profile, if it is damaged, or if the build has no lcms2. */
gd_status gd_cmyk_create(gd_decoder *decoder, bool inverted, gd_cmyk **cmyk, gd_error *error) GD_CHECKED;
/* Converts a row: samples [cols, 4] to rgb [cols, 3]. */
void gd_cmyk_row(const gd_cmyk *cmyk, const uint8_t *samples, uint8_t *rgb, int64_t cols);
void gd_cmyk_free(gd_cmyk *cmyk); /* NULL is fine */

#endif
