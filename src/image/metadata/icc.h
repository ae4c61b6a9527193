/* ICC profiles, with lcms2. In a build without it, functions that need it return false or NULL. */
#ifndef GD_IMAGE_METADATA_ICC_H
#define GD_IMAGE_METADATA_ICC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Maximum bytes of a profile that is read: what fits into a JPEG. Printers' profiles have a few MB. */
enum { GD_ICC_BYTES_MAX = 255 * 65519 };

/* Transfer function, from samples to light. */
typedef enum gd_icc_curve { GD_ICC_SRGB, GD_ICC_POWER, GD_ICC_BT709 } gd_icc_curve;

/* CIE 1931 chromaticity. */
typedef struct gd_icc_xy {
    double x, y;
} gd_icc_xy;

/* Description of an RGB profile. */
typedef struct gd_icc_recipe {
    const char *name; /* ASCII; shown by viewers */
    gd_icc_xy white, red, green, blue;
    gd_icc_curve curve;
    double power; /* exponent of GD_ICC_POWER */
} gd_icc_recipe;

/* Whether this build has lcms2. */
bool gd_icc_available(void);

/* The colour space of a profile ("RGB ", "GRAY", "CMYK"), or "" if it is not a profile. */
void gd_icc_space(const uint8_t *icc, size_t bytes, char space[5]);

/* Size of the profile according to its header; `bytes` if it is not a profile. */
size_t gd_icc_size(const uint8_t *icc, size_t bytes);

/* Whether all programs can read the profile, including libpng with its strict rules (ICC.1:2010, 7.2
 * and 7.3): `bytes` is the size in its header, and its tags are inside; and whether lcms2, if present, can
 * convert colours with it. */
bool gd_icc_usable(const uint8_t *icc, size_t bytes);

/* Makes a profile; equal recipes give equal bytes. The caller frees *icc. False: invalid numbers, or out of
 * memory. */
bool gd_icc_build(const gd_icc_recipe *recipe, uint8_t **icc, size_t *bytes);

/* A table from samples of `bits` bits to sRGB, [1 << bits, 3] in [-1, 1], by a grey profile. The caller frees
 * it. NULL: the profile is damaged, or out of memory. */
float *gd_icc_grey_table(const uint8_t *icc, size_t bytes, int32_t bits);

/* A conversion of samples of 8 bits to sRGB by an RGB profile. The caller frees it. NULL: the profile is
 * damaged, or out of memory. */
typedef struct gd_icc_conversion gd_icc_conversion;
gd_icc_conversion *gd_icc_conversion_create(const uint8_t *icc, size_t bytes);

/* Converts rgb[3 * count] in place. */
void gd_icc_convert(const gd_icc_conversion *conversion, uint8_t *rgb, int64_t count);
void gd_icc_conversion_free(gd_icc_conversion *conversion); /* NULL is fine */

#endif
