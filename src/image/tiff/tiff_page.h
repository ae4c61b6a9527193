/* One page of a TIFF: its tags, but for the words that only the first page has, and for the colour profile.
 */
#ifndef GD_IMAGE_TIFF_TIFF_PAGE_H
#define GD_IMAGE_TIFF_TIFF_PAGE_H

#include "image/writer_options.h"

#include <stdbool.h>
#include <stdint.h>
#include <tiffio.h>

enum {
    GD_TIFF_TILE = 256,    /* pixels a side, where the page has as many */
    GD_TIFF_PAGES_MAX = 17 /* sides of GD_PICTURE_SIDE_MAX come down to one tile in so many pages */
};

typedef struct gd_tiff_page {
    int64_t rows, cols;
    int32_t bits;
    gd_compression compression;
    double dpi_x, dpi_y;
    bool reduced; /* a smaller copy of the page before */
} gd_tiff_page;

/* Describes `file`'s page, of which nothing is written yet. False: libtiff has told its error handler why. */
bool gd_tiff_page_set(TIFF *file, const gd_tiff_page *page);

/* All pages of a picture, the largest first. Returns how many. */
int32_t gd_tiff_pages(const gd_writer_options *options, gd_tiff_page pages[GD_TIFF_PAGES_MAX]);

/* The tile's side along a side of the page: GD_TIFF_TILE, or on a smaller page the multiple of 16 below its
 * side (16 at least). Tiles larger than their page are legal, and read wrongly by all that relies on
 * libtiff's TIFFRGBAImageGet since its fix of CVE-2025-9900, OpenSlide for one. Without compression all tiles
 * are alike nevertheless: there it fails on a page whose tiles are smaller than those of the page read
 * before. */
int64_t gd_tiff_tile(gd_compression compression, int64_t side);

int64_t gd_tiff_page_tiles(const gd_tiff_page *page);

/* Bytes of a page's tiles, and of those of all pages, without compression. */
int64_t gd_tiff_page_bytes(const gd_tiff_page *page);
int64_t gd_tiff_bytes(const gd_writer_options *options);

/* Bytes that the colour profile takes, which each page has. */
int64_t gd_tiff_profile_bytes(const gd_writer_options *options);

/* Bytes that one byte of noise may become: more than one with LZW. */
double gd_tiff_growth(gd_compression compression);

#endif
