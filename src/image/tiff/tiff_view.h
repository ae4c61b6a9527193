/* Opens an open file with libtiff, which sees one page of it. */
#ifndef GD_IMAGE_TIFF_TIFF_VIEW_H
#define GD_IMAGE_TIFF_TIFF_VIEW_H

#include "image/tiff/tiff_page_view.h"

#include <tiffio.h>

/* Opens the file with `options`; the caller closes it with TIFFClose. `fd` and `view` are borrowed and must
 * outlive it. Several can be open on one `fd`. NULL: out of memory, or libtiff has reported the reason to its
 * error handler. */
TIFF *gd_tiff_view_open(int fd, const gd_tiff_page_view *view, const char *path, TIFFOpenOptions *options);

#endif
