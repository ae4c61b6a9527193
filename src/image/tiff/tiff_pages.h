/* Choice of the page of a TIFF that is the picture, before libtiff reads any directory. */
#ifndef GD_IMAGE_TIFF_TIFF_PAGES_H
#define GD_IMAGE_TIFF_TIFF_PAGES_H

#include "image/decoder.h"
#include "image/tiff/tiff_page_view.h"

/* Finds the picture: the first page in colour, else the first in grey, whose colours can be read and which is
 * neither a mask nor a reduced copy. A page is a thumbnail, too, if a later one is larger in both directions
 * (and in colour, if the first is). Without such a page, a sub-page (SubIFD) of another is taken. Adds
 * warnings and EXIF's claims on colour to the decoder. `fd` is read with pread. The caller frees *view, also
 * after a failure. GD_USAGE: a camera's raw file, or a damaged file. */
gd_status gd_tiff_find_page(int fd, gd_decoder *decoder, gd_tiff_page_view *view, gd_error *error) GD_CHECKED;

#endif
