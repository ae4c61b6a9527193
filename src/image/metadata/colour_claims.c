/* Interprets the colour space tags of EXIF. */
#include "image/metadata/colour_claims.h"

#include <string.h>

/* DCF 2.0 names the optional colour space of cameras, Adobe RGB, by "R03"; many programs by a ColorSpace
 * of 2.
 */
void gd_colour_note_exif(gd_colour_claims *claims, int32_t space, const char index[4])
{
    enum { IS_SRGB = 1, IS_ADOBE_RGB = 2, IS_NEITHER = 0xFFFF };
    claims->adobe_rgb = space == IS_ADOBE_RGB || (space != IS_SRGB && strcmp(index, "R03") == 0);
    claims->srgb = space == IS_SRGB || (!claims->adobe_rgb && strcmp(index, "R98") == 0);
    claims->uncalibrated = space == IS_NEITHER;
}
