/* Statements of a file about its colours, as decoders note them; colour.h turns them into a profile. */
#ifndef GD_IMAGE_METADATA_COLOUR_CLAIMS_H
#define GD_IMAGE_METADATA_COLOUR_CLAIMS_H

#include "image/metadata/icc.h"

#include <stdbool.h>
#include <stdint.h>

/* Beside an ICC profile, which is the decoder's. All zero: nothing was said. */
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

#endif
