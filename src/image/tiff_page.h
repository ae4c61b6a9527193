/* One page of a TIFF: its tags, but for those that only the first page has. */
#ifndef GD_IMAGE_TIFF_PAGE_H
#define GD_IMAGE_TIFF_PAGE_H

#include "image/picture.h"

#include <stdbool.h>
#include <stdint.h>
#include <tiffio.h>

enum { GD_TIFF_TILE = 256 }; /* pixels a side */

typedef struct gd_tiff_page {
    int64_t rows, cols;
    int32_t bits;
    gd_compression compression;
    double dpi_x, dpi_y;
    bool reduced; /* a smaller copy of the page before */
} gd_tiff_page;

/* Describes `file`'s page, of which nothing is written yet. False: libtiff has told its error handler why. */
bool gd_tiff_page_set(TIFF *file, const gd_tiff_page *page);

/* The page of half the size, rounded up. */
gd_tiff_page gd_tiff_page_half(const gd_tiff_page *page);

/* True when a pyramid goes on below this page. */
bool gd_tiff_page_goes_on(int64_t rows, int64_t cols);

/* Bytes of the tiles of all pages without compression. */
int64_t gd_tiff_bytes(const gd_writer_options *options);

#endif
