/* Applies the EXIF orientation to a decoder. */
#ifndef GD_IMAGE_UPRIGHT_H
#define GD_IMAGE_UPRIGHT_H

#include "image/decoder.h"

/* Turns the decoder upright: takes over `*decoder`. Where rows have to be read in another order the picture
 * waits for its last row: one of more than `most` bytes in a file in `folder` (borrowed; NULL: none is to be
 * had), any other in memory. The first row fails with GD_USAGE when that file cannot be made. */
gd_status gd_decoder_upright(gd_decoder **decoder, const char *folder, uint64_t most,
                             gd_error *error) GD_CHECKED;

#endif
