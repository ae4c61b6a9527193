/* A file's claims about its colours, recorded by decoders and evaluated by colour.h. */
#ifndef GD_IMAGE_METADATA_COLOUR_CLAIMS_H
#define GD_IMAGE_METADATA_COLOUR_CLAIMS_H

#include "image/metadata/icc.h"

#include <stdbool.h>
#include <stdint.h>

/* All claims except the ICC profile, which is in the decoder. All zero: no claims. */
typedef struct gd_colour_claims {
    bool grey;             /* the picture has one channel */
    char icc_trouble[128]; /* why its profile could not be read; "": no profile, or it was read */
    bool coded;            /* PNG's cICP (ITU-T H.273): */
    uint8_t primaries, transfer, matrix, full_range;
    bool nclx; /* the code is from an nclx box, not from a cICP chunk */
    bool srgb;
    bool adobe_rgb;    /* EXIF's interoperability index "R03" */
    bool uncalibrated; /* EXIF says that the colours are not sRGB, but not which */
    double power;      /* light = sample ^ power; 0: not stated */
    bool placed;       /* white point and primaries were stated: */
    gd_icc_xy white, red, green, blue;
} gd_colour_claims;

/* Records EXIF's ColorSpace (0: not stated) and interoperability index ("": not stated). */
void gd_colour_note_exif(gd_colour_claims *claims, int32_t space, const char index[4]);

#endif
