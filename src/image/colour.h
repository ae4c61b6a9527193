/* Turns what a file says about its colours into a profile that the output carries, a conversion of the
 * samples to sRGB, or a warning. sRGB itself needs none of these. */
#ifndef GD_IMAGE_COLOUR_H
#define GD_IMAGE_COLOUR_H

#include "image/decoder.h"

/* Settles decoder->colours and its profile, which then is one for RGB or none. *table: what each sample of
 * the decoder's bits is in sRGB, [1 << bits, 3] in [-1, 1], or NULL when samples are taken as they are; the
 * caller's own. */
void gd_colour_settle(gd_decoder *decoder, float **table);

#endif
