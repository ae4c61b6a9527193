/* Converts a file's claims about its colours to a profile for the output, a conversion of the samples to
 * sRGB, or a warning. sRGB needs none of them. */
#ifndef GD_IMAGE_COLOUR_H
#define GD_IMAGE_COLOUR_H

#include "image/decoder.h"

/* Evaluates decoder->colours and its profile. Afterwards the profile is an RGB profile or none. *table maps
 * each sample value to sRGB, [1 << bits, 3] in [-1, 1]; the caller frees it. NULL: samples are not converted.
 */
void gd_colour_settle(gd_decoder *decoder, float **table);

#endif
