/* What writing a picture takes of its disk, at most: noise is what no compression makes smaller. */
#include "image/tiff/tiff_page.h"

#include "base/round.h"

enum {
    WORDS = 64 << 10,    /* for the text, and what a file begins with */
    PAGE_MORE = 8 << 10, /* a page's directory, and the rest of its file's last block */
    TILE_MORE =
        1 << 10 /* its entries in the tables; what a codec begins a tile with, tables of a JPEG most */
};

static double page_bytes(const gd_tiff_page *page)
{
    const double growth = gd_tiff_growth(page->compression);
    return growth * (double)gd_tiff_page_bytes(page) + TILE_MORE * (double)gd_tiff_page_tiles(page) +
           PAGE_MORE;
}

/* The smaller pages wait in files of their own, one after the other is copied, and each is freed then: most
 * is there when the first of them, the largest, is there twice. */
static double tiff_bytes(const gd_writer_options *options)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t count = gd_tiff_pages(options, pages);
    double sum = count > 1 ? page_bytes(&pages[1]) : 0;
    for (int32_t i = 0; i < count; i++)
        sum += page_bytes(&pages[i]);
    return sum;
}

/* Blocks that deflate stores, in chunks of 8 KiB, each row with its filter's byte. */
static double png_bytes(const gd_writer_options *options)
{
    const double slack = 1.0 + 1.0 / 256;
    return slack * (double)options->rows * (1.0 + (double)options->cols * 3.0 * (options->bits / 8));
}

/* Black and white samples at random have most energy, and come to 0.97 of their bytes at quality 95. */
static double jpeg_bytes(const gd_writer_options *options)
{
    enum { BLOCK = 8 };
    const double slack = 1.25;
    return slack * 3.0 * (double)gd_round_up(options->rows, BLOCK) *
           (double)gd_round_up(options->cols, BLOCK);
}

double gd_writer_disk_bytes(const gd_writer_options *options)
{
    const double more = WORDS + (options->profile ? (double)options->profile->icc_bytes : 0);
    switch (options->kind) {
    case GD_FILE_TIFF:
        return WORDS + tiff_bytes(options) + (double)gd_tiff_profile_bytes(options);
    case GD_FILE_PNG:
        return more + png_bytes(options);
    case GD_FILE_JPEG:
        break;
    }
    return more + jpeg_bytes(options);
}
