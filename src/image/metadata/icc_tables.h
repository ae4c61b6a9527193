/* Conversion of samples to sRGB where the light of three channels adds up, as in the profiles of cameras and
 * screens. */
#ifndef GD_IMAGE_METADATA_ICC_TABLES_H
#define GD_IMAGE_METADATA_ICC_TABLES_H

#include <stdint.h>

enum { GD_ICC_SAMPLES = 256 };

/* What a sample of a channel adds to each primary of sRGB: linear light, 1 is white, also negative. */
typedef struct gd_icc_light {
    double of[3][GD_ICC_SAMPLES][3]; /* [channel, sample, primary] */
} gd_icc_light;

typedef struct gd_icc_tables gd_icc_tables;

/* The caller frees the tables. NULL: light that no profile of a picture has, or out of memory. */
gd_icc_tables *gd_icc_tables_create(const gd_icc_light *light);

/* Converts rgb[3 * count] in place: light is clipped to what sRGB has, and samples are rounded to the
 * nearest. The light of a channel is rounded to 2^-22, and the sum is rounded down to 2^-14. */
void gd_icc_tables_convert(const gd_icc_tables *tables, uint8_t *rgb, int64_t count);
void gd_icc_tables_free(gd_icc_tables *tables); /* NULL is fine */

#endif
