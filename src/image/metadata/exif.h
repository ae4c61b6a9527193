/* Reads EXIF metadata (CIPA DC-008). */
#ifndef GD_IMAGE_METADATA_EXIF_H
#define GD_IMAGE_METADATA_EXIF_H

#include "image/metadata/colour_claims.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* EXIF metadata (CIPA DC-008): orientation (1 if absent), dots per inch (0 if absent) and claims on colour.
 */
typedef struct gd_exif {
    int32_t orientation;
    double dpi_x, dpi_y;
    gd_colour_claims colours;
} gd_exif;

/* `exif` begins with "Exif\0\0". False, with the default values, if it cannot be parsed or the build has no
 * libexif. */
bool gd_exif_parse(const uint8_t *exif, size_t bytes, gd_exif *result);

#endif
