/* Lays out the pages of a TIFF: tile sizes, byte counts, and the tags of each page. */
#include "image/tiff/tiff_page.h"

int64_t gd_tiff_tile(gd_compression compression, int64_t side)
{
    enum { UNIT = 16 };
    if (side >= GD_TIFF_TILE || compression == GD_COMPRESSION_NONE)
        return GD_TIFF_TILE;
    return side < UNIT ? UNIT : side / UNIT * UNIT;
}

/* Viewers expect a resolution; 72 dots per inch if it is unknown. */
static gd_tiff_page first_page(const gd_writer_options *options)
{
    const double unknown = 72.0;
    const gd_profile *profile = options->profile;
    const bool known = profile && profile->dpi_x > 0.0 && profile->dpi_y > 0.0;
    return (gd_tiff_page){.rows = options->rows,
                          .cols = options->cols,
                          .bits = options->bits,
                          .compression = options->compression,
                          .dpi_x = known ? profile->dpi_x : unknown,
                          .dpi_y = known ? profile->dpi_y : unknown};
}

/* The page of half this size, rounded up. */
static gd_tiff_page half_of(const gd_tiff_page *page)
{
    gd_tiff_page half = *page;
    half.rows = (page->rows + 1) / 2;
    half.cols = (page->cols + 1) / 2;
    half.dpi_x *= (double)half.cols / (double)page->cols;
    half.dpi_y *= (double)half.rows / (double)page->rows;
    half.reduced = true;
    return half;
}

int32_t gd_tiff_pages(const gd_writer_options *options, gd_tiff_page pages[GD_TIFF_PAGES_MAX])
{
    int32_t count = 1;
    pages[0] = first_page(options);
    while (options->pyramid && count < GD_TIFF_PAGES_MAX &&
           (pages[count - 1].rows > GD_TIFF_TILE || pages[count - 1].cols > GD_TIFF_TILE)) {
        pages[count] = half_of(&pages[count - 1]);
        count++;
    }
    return count;
}

int64_t gd_tiff_page_tiles(const gd_tiff_page *page)
{
    const int64_t rows = gd_tiff_tile(page->compression, page->rows);
    const int64_t cols = gd_tiff_tile(page->compression, page->cols);
    return (page->rows + rows - 1) / rows * ((page->cols + cols - 1) / cols);
}

int64_t gd_tiff_page_bytes(const gd_tiff_page *page)
{
    const int64_t pixels =
        gd_tiff_tile(page->compression, page->rows) * gd_tiff_tile(page->compression, page->cols);
    return gd_tiff_page_tiles(page) * pixels * 3 * (page->bits / 8);
}

int64_t gd_tiff_bytes(const gd_writer_options *options)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t count = gd_tiff_pages(options, pages);
    int64_t bytes = 0;
    for (int32_t i = 0; i < count; i++)
        bytes += gd_tiff_page_bytes(&pages[i]);
    return bytes;
}

int64_t gd_tiff_profile_bytes(const gd_writer_options *options)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    return options->profile ? gd_tiff_pages(options, pages) * (int64_t)options->profile->icc_bytes : 0;
}

/* LZW: a code represents at least one byte, and libtiff clears the table after at most 3836 codes: 254 of 9
 * bits, 512 of 10, 1024 of 11 and 2046 of 12, which is 1.41 bytes for each. */
double gd_tiff_growth(gd_compression compression)
{
    return compression == GD_COMPRESSION_LZW ? 1.42 : 1.0;
}

static bool set_samples(TIFF *file, const gd_tiff_page *page)
{
    const bool jpeg = page->compression == GD_COMPRESSION_JPEG;
    return TIFFSetField(file, TIFFTAG_IMAGEWIDTH, (uint32_t)page->cols) &&
           TIFFSetField(file, TIFFTAG_IMAGELENGTH, (uint32_t)page->rows) &&
           TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, page->bits) &&
           TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 3) &&
           TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) &&
           TIFFSetField(file, TIFFTAG_PHOTOMETRIC, jpeg ? PHOTOMETRIC_YCBCR : PHOTOMETRIC_RGB) &&
           TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
           TIFFSetField(file, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) &&
           TIFFSetField(file, TIFFTAG_TILEWIDTH, (uint32_t)gd_tiff_tile(page->compression, page->cols)) &&
           TIFFSetField(file, TIFFTAG_TILELENGTH, (uint32_t)gd_tiff_tile(page->compression, page->rows));
}

static bool set_differences(TIFF *file)
{
    return TIFFSetField(file, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
}

/* Makes tiles self-contained, so that they can be copied between files. Tags that the codec would set when it
 * starts are set here, because it does not start for copied tiles. */
static bool set_jpeg(TIFF *file)
{
    enum { QUALITY = 95 };
    static const float full_range[6] = {0, 255, 128, 255, 128, 255};
    return TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_JPEG) &&
           TIFFSetField(file, TIFFTAG_JPEGQUALITY, QUALITY) &&
           TIFFSetField(file, TIFFTAG_JPEGTABLESMODE, 0) &&
           TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) &&
           TIFFSetField(file, TIFFTAG_YCBCRSUBSAMPLING, 1, 1) &&
           TIFFSetField(file, TIFFTAG_REFERENCEBLACKWHITE, full_range);
}

/* The lowest levels: more effort hardly reduces the size of a dream's fine texture (docs/performance.md). */
static bool set_compression(TIFF *file, gd_compression compression)
{
    enum { DEFLATE_LEVEL = 1, ZSTD_LEVEL = 1 };
    switch (compression) {
    case GD_COMPRESSION_DEFLATE:
        return TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE) &&
               TIFFSetField(file, TIFFTAG_ZIPQUALITY, DEFLATE_LEVEL) && set_differences(file);
    case GD_COMPRESSION_LZW:
        return TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_LZW) && set_differences(file);
    case GD_COMPRESSION_ZSTD:
        return TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_ZSTD) &&
               TIFFSetField(file, TIFFTAG_ZSTD_LEVEL, ZSTD_LEVEL) && set_differences(file);
    case GD_COMPRESSION_JPEG:
        return set_jpeg(file);
    case GD_COMPRESSION_NONE:
        break;
    }
    return TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
}

bool gd_tiff_page_set(TIFF *file, const gd_tiff_page *page)
{
    return (!page->reduced || TIFFSetField(file, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE)) &&
           set_samples(file, page) && set_compression(file, page->compression) &&
           TIFFSetField(file, TIFFTAG_XRESOLUTION, page->dpi_x) &&
           TIFFSetField(file, TIFFTAG_YRESOLUTION, page->dpi_y) &&
           TIFFSetField(file, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH) &&
           TIFFSetField(file, TIFFTAG_SOFTWARE, "gigadream " GD_VERSION);
}
