/* Applies the EXIF orientation to a decoder. */
#ifndef GD_IMAGE_UPRIGHT_H
#define GD_IMAGE_UPRIGHT_H

#include "image/decoder.h"

/* Replaces *decoder by one whose rows are upright, and which owns the old one. If rows must be reordered, the
 * whole picture is buffered first: in a nameless file in `folder` (borrowed; NULL: no file) if it has more
 * than `most` bytes, else in memory. If the file cannot be created, the first row fails with GD_USAGE. */
gd_status gd_decoder_upright(gd_decoder **decoder, const char *folder, uint64_t most,
                             gd_error *error) GD_CHECKED;

#endif
