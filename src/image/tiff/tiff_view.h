/* libtiff over an open file, of which it sees one page. */
#ifndef GD_IMAGE_TIFF_TIFF_VIEW_H
#define GD_IMAGE_TIFF_TIFF_VIEW_H

#include "image/tiff/tiff_pages.h"

#include <tiffio.h>

/* Opens it by `options`. `fd` and `view` (borrowed) must outlive what is returned; several may read one file.
 * NULL: libtiff has told its error handler why, or there was no memory. */
TIFF *gd_tiff_view_open(int fd, const gd_tiff_page_view *view, const char *path, TIFFOpenOptions *options);

#endif
