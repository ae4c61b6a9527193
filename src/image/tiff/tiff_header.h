/* The tags of a TIFF page. Private to this folder. */
#ifndef GD_IMAGE_TIFF_TIFF_HEADER_H
#define GD_IMAGE_TIFF_TIFF_HEADER_H

#include "image/tiff/tiff_reader.h"

/* Reads the tags through tiff->files[0]: fills layout, photometric, tile size, and of the base size, bits,
 * orientation, profile, claims on colour and warnings. What it allocates belongs to the reader, also after a
 * failure. GD_USAGE, with the remedy, for a page that cannot be read. */
gd_status gd_tiff_header_read(gd_tiff_reader *tiff, gd_error *error) GD_CHECKED;

#endif
