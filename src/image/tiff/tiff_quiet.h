/* Silences libtiff. */
#ifndef GD_IMAGE_TIFF_TIFF_QUIET_H
#define GD_IMAGE_TIFF_TIFF_QUIET_H

#include <tiffio.h>

/* Keeps libtiff's warnings from stderr; without a handler of ours they would go there. */
void gd_tiff_drop_warnings(TIFFOpenOptions *options);

#endif
