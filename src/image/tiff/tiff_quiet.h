/* Silences libtiff. */
#ifndef GD_IMAGE_TIFF_TIFF_QUIET_H
#define GD_IMAGE_TIFF_TIFF_QUIET_H

#include <tiffio.h>

/* Installs a handler that drops libtiff's warnings, which go to stderr otherwise. */
void gd_tiff_drop_warnings(TIFFOpenOptions *options);

#endif
