/* A TIFF read through an open file, with a place in it of its own: several views of one file do not disturb
 * each other, and none opens its name again. */
#ifndef GD_IMAGE_TIFF_VIEW_H
#define GD_IMAGE_TIFF_VIEW_H

#include <tiffio.h>

/* `fd` is borrowed until TIFFClose; `path` is what libtiff calls the file. NULL as TIFFOpenExt, which has
 * told the options' handler why, or without memory. The file is not mapped: all of it would come to be memory
 * of the process. */
TIFF *gd_tiff_view_open(int fd, const char *path, TIFFOpenOptions *options);

#endif
