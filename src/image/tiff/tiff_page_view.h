/* A view of one page of a TIFF: bytes that replace those of the file, so that libtiff sees one page and only
 * the tags that reading it needs. Nothing else in the file (layers, previews, text) takes memory. */
#ifndef GD_IMAGE_TIFF_TIFF_PAGE_VIEW_H
#define GD_IMAGE_TIFF_TIFF_PAGE_VIEW_H

#include "image/decoder.h"
#include "image/tiff/tiff_directory.h"

/* Bytes that replace those at `at` in the file. */
typedef struct gd_tiff_patch {
    uint64_t at;
    size_t bytes;
    uint8_t *data; /* owned */
} gd_tiff_patch;

typedef struct gd_tiff_page_view {
    gd_tiff_patch head;      /* the file's header, with the offset of the page's directory */
    gd_tiff_patch directory; /* the page's directory; no other follows */
} gd_tiff_page_view;

/* Makes the view of the page with directory `d`; `head` is the file's header. The memory that libtiff will
 * need for its tags is taken from the decoder's allowance. An ICC profile that is too large is left out,
 * which the decoder's claims on colour note. GD_USAGE: too many tiles, or beyond the allowance. The caller
 * frees the view, also after a failure.
 */
gd_status gd_tiff_page_view_make(gd_decoder *decoder, const gd_tiff_file *file, const gd_tiff_directory *d,
                                 const uint8_t head[16], gd_tiff_page_view *view, gd_error *error) GD_CHECKED;
void gd_tiff_page_view_free(gd_tiff_page_view *view);

#endif
