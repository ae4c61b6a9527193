/* One page of a TIFF: its tags, but for the words that only the first page has, and for the colour profile.
 */
#ifndef GD_IMAGE_TIFF_TIFF_PAGE_H
#define GD_IMAGE_TIFF_TIFF_PAGE_H

#include "image/writer_options.h"

#include <stdbool.h>
#include <stdint.h>
#include <tiffio.h>

enum {
    GD_TIFF_TILE = 256,    /* pixels a side, if the page is as large */
    GD_TIFF_PAGES_MAX = 17 /* pages from a side of GD_PICTURE_SIDE_MAX down to one tile */
};

typedef struct gd_tiff_page {
    int64_t rows, cols;
    int32_t bits;
    gd_compression compression;
    double dpi_x, dpi_y;
    bool reduced; /* a reduced copy of the page before */
} gd_tiff_page;

/* Sets the tags of the current page of `file`, before anything of it is written. False: libtiff has reported
 * the reason to its error handler. */
bool gd_tiff_page_set(TIFF *file, const gd_tiff_page *page);

/* Lists all pages of a picture, the largest first. Returns their number. */
int32_t gd_tiff_pages(const gd_writer_options *options, gd_tiff_page pages[GD_TIFF_PAGES_MAX]);

/* Side of a tile for a side of the page: GD_TIFF_TILE, or on a smaller page its side rounded down to a
 * multiple of 16 (at least 16). Tiles larger than their page are legal, but libtiff's TIFFRGBAImageGet, which
 * OpenSlide uses, reads them wrongly since its fix of CVE-2025-9900. Without compression all tiles are
 * nevertheless equal, because TIFFRGBAImageGet fails there if a page has smaller tiles than the page read
 * before. */
int64_t gd_tiff_tile(gd_compression compression, int64_t side);

/* Number of tiles of a page. */
int64_t gd_tiff_page_tiles(const gd_tiff_page *page);

/* Uncompressed bytes of a page's tiles, and of the tiles of all pages. */
int64_t gd_tiff_page_bytes(const gd_tiff_page *page);
int64_t gd_tiff_bytes(const gd_writer_options *options);

/* Bytes of the colour profile in the file; each page has a copy. */
int64_t gd_tiff_profile_bytes(const gd_writer_options *options);

/* Maximum ratio of compressed to uncompressed bytes, for noise; above 1 for LZW. */
double gd_tiff_growth(gd_compression compression);

#endif
