/* A TIFF's directories, looked at before libtiff reads any: which page is the picture, and that page's
 * directory alone, with no more tags than reading it needs. So nothing that a file holds beside the picture
 * (layers, previews, words) takes memory. */
#ifndef GD_IMAGE_TIFF_TIFF_PAGES_H
#define GD_IMAGE_TIFF_TIFF_PAGES_H

#include "image/decoder.h"

/* Bytes that stand in for those at `at` in the file. */
typedef struct gd_tiff_patch {
    uint64_t at;
    size_t bytes;
    uint8_t *data; /* owned */
} gd_tiff_patch;

typedef struct gd_tiff_page_view {
    gd_tiff_patch head;      /* the file's first bytes, which name the directory */
    gd_tiff_patch directory; /* of this one page; none follows */
} gd_tiff_page_view;

/* Looks for the first page in colour, else the first in grey, of full size (neither mask nor smaller copy,
 * nor smaller both ways than a later one, in colour where it is) whose colours can be read; else for one
 * among the pages below the others. Adds to the decoder's warning and claims on colour what directories say.
 * `fd` is read from by place. GD_USAGE: a camera's raw file, which is named so, or a damaged one. */
gd_status gd_tiff_find_page(int fd, gd_decoder *decoder, gd_tiff_page_view *view, gd_error *error) GD_CHECKED;
void gd_tiff_page_view_free(gd_tiff_page_view *view);

#endif
