/* ICC profiles, by lcms2. In a build without it every function reports that by false. */
#ifndef GD_IMAGE_METADATA_ICC_H
#define GD_IMAGE_METADATA_ICC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest profile that is read, in bytes: what fits into a JPEG. Those of printers come to a few MB. */
enum { GD_ICC_BYTES_MAX = 255 * 65519 };

/* From samples to light. */
typedef enum gd_icc_curve { GD_ICC_SRGB, GD_ICC_POWER, GD_ICC_BT709 } gd_icc_curve;

/* A place in the CIE's x, y. */
typedef struct gd_icc_xy {
    double x, y;
} gd_icc_xy;

/* A profile of three primaries. */
typedef struct gd_icc_recipe {
    const char *name; /* ASCII; what viewers show */
    gd_icc_xy white, red, green, blue;
    gd_icc_curve curve;
    double power; /* of a power curve */
} gd_icc_recipe;

/* Whether this build has lcms2. */
bool gd_icc_here(void);

/* The colour space of a profile ("RGB ", "GRAY", "CMYK"), or "" when it is no profile. */
void gd_icc_space(const uint8_t *icc, size_t bytes, char space[5]);

/* Size of the profile by its own header; `bytes` when it is none. */
size_t gd_icc_size(const uint8_t *icc, size_t bytes);

/* Whether all programs can read it, even libpng with its strict rules (ICC.1:2010, 7.2 and 7.3): bytes is the
 * profile's own size, and its tags lie in it; and whether lcms2, where it is, converts colours by it. */
bool gd_icc_usable(const uint8_t *icc, size_t bytes);

/* Makes a profile; the same recipe gives the same bytes. The caller owns *icc. False: the numbers make no
 * sense, or there is no memory. */
bool gd_icc_build(const gd_icc_recipe *recipe, uint8_t **icc, size_t *bytes);

/* Table from samples of `bits` to sRGB, [1 << bits, 3] in [-1, 1], by a profile for grey. The caller owns
 * it; NULL: the profile is damaged, or there is no memory. */
float *gd_icc_grey_table(const uint8_t *icc, size_t bytes, int32_t bits);

#endif
