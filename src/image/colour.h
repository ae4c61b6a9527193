/* What a file says about its colours. Readers write down all of it; here alone it becomes a profile that the
 * output carries, a conversion of the samples to sRGB, or a warning. sRGB itself needs none of these. */
#ifndef GD_IMAGE_COLOUR_H
#define GD_IMAGE_COLOUR_H

#include "image/icc.h"

/* Beside an ICC profile, which is the source's. All zero: nothing was said. */
typedef struct gd_colour_claims {
    bool grey;             /* the picture has one channel */
    char icc_trouble[128]; /* why its profile could not be read; empty: it was, or there is none */
    bool coded;            /* PNG's cICP (ITU-T H.273): */
    uint8_t primaries, transfer, matrix, full_range;
    bool srgb;
    bool adobe_rgb;    /* EXIF's interoperability index "R03" */
    bool uncalibrated; /* EXIF says that the colours are others, and not which */
    double power;      /* light is samples to the power of it; 0: not said */
    bool placed;       /* the four were said: */
    gd_icc_xy white, red, green, blue;
} gd_colour_claims;

/* Notes EXIF's ColorSpace (0: not said) and interoperability index ("" likewise). */
void gd_colour_note_exif(gd_colour_claims *claims, int32_t space, const char index[4]);

struct gd_decoder;

/* Settles source->colours and its profile, which then is one for RGB or none. *table: what each sample of the
 * source's bits is in sRGB, [1 << bits, 3] in [-1, 1], or NULL when samples are taken as they are; the
 * caller's own. */
void gd_colour_settle(struct gd_decoder *source, float **table);

#endif
