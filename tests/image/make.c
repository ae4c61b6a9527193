/* Makes small pictures of all kinds with the format libraries themselves. */
#include "make.h"

#include <stdio.h>

#include <jpeglib.h>

#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

unsigned stored(int y, int x, int c, int bits)
{
    unsigned mixed =
        ((unsigned)y * 7919u + (unsigned)x * 104729u + (unsigned)c * 1299709u + 12345u) * 2654435761u;
    return mixed >> (32 - bits);
}

static void put(uint8_t *row, int index, int bits, unsigned value, bool big_endian)
{
    if (bits == 16) {
        row[2 * index + !big_endian] = (uint8_t)(value >> 8);
        row[2 * index + big_endian] = (uint8_t)value;
    } else if (bits <= 8) { /* wider ones stay 0: they are for refusing */
        int bit = index * bits;
        row[bit / 8] |= (uint8_t)(value << (8 - bits - bit % 8));
    }
}

/* Rows [y, y + rows) and columns [x, x + cols) of channels [c, c + channels), rows beginning at whole bytes.
 */
static void fill(uint8_t *to, size_t row_bytes, int y, int x, int rows, int cols, int c, int channels,
                 int bits)
{
    memset(to, 0, row_bytes * (size_t)rows);
    for (int r = 0; r < rows; r++) {
        for (int i = 0; i < cols * channels; i++)
            put(to + (size_t)r * row_bytes, i, bits, stored(y + r, x + i / channels, c + i % channels, bits),
                false);
    }
}

static void tiff_tags(TIFF *file, const tiff_kind *kind, int page)
{
    TIFFSetField(file, TIFFTAG_IMAGEWIDTH, kind->cols);
    TIFFSetField(file, TIFFTAG_IMAGELENGTH, kind->rows);
    TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, kind->bits);
    TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, kind->samples);
    TIFFSetField(file, TIFFTAG_PHOTOMETRIC, kind->photometric);
    TIFFSetField(file, TIFFTAG_PLANARCONFIG, kind->separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    TIFFSetField(file, TIFFTAG_COMPRESSION, kind->compression ? kind->compression : COMPRESSION_NONE);
    if (kind->compression == COMPRESSION_JPEG && kind->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (kind->format)
        TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, kind->format);
    if (kind->orientation)
        TIFFSetField(file, TIFFTAG_ORIENTATION, kind->orientation);
    if (kind->tile) {
        TIFFSetField(file, TIFFTAG_TILEWIDTH, kind->tile);
        TIFFSetField(file, TIFFTAG_TILELENGTH, kind->tile);
    } else {
        TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, kind->rows_per_strip ? kind->rows_per_strip : kind->rows);
    }
    if (kind->icc)
        TIFFSetField(file, TIFFTAG_ICCPROFILE, kind->icc_bytes, kind->icc);
    if (page > 0 && kind->reduced)
        TIFFSetField(file, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    TIFFSetField(file, TIFFTAG_XRESOLUTION, 100.0);
    TIFFSetField(file, TIFFTAG_YRESOLUTION, 50.0);
    TIFFSetField(file, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    if (kind->photometric == PHOTOMETRIC_PALETTE) {
        uint16_t map[3][256];
        for (int i = 0; i < 3 * 256; i++)
            map[i / 256][i % 256] = (uint16_t)(stored(i % 256, 0, i / 256, 8) * 257);
        TIFFSetField(file, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
    }
}

static void tiff_page(TIFF *file, const tiff_kind *kind)
{
    int planes = kind->separate ? kind->samples : 1, channels = kind->separate ? 1 : kind->samples;
    size_t row_bytes = (size_t)(kind->tile ? TIFFTileRowSize(file) : TIFFScanlineSize(file));
    int height = kind->tile ? kind->tile : 1;
    uint8_t *data = malloc(row_bytes * (size_t)height);
    assert_non_null(data);
    for (int p = 0; p < planes; p++) {
        for (int y = 0; y < kind->rows; y += height) {
            for (int x = 0; x < kind->cols; x += kind->tile ? kind->tile : kind->cols) {
                fill(data, row_bytes, y, x, height, kind->tile ? kind->tile : kind->cols, p, channels,
                     kind->bits);
                if (kind->tile)
                    assert_true(TIFFWriteTile(file, data, (uint32_t)x, (uint32_t)y, 0, (uint16_t)p) > 0);
                else
                    assert_int_equal(TIFFWriteScanline(file, data, (uint32_t)y, (uint16_t)p), 1);
            }
        }
    }
    free(data);
}

void make_tiff(const char *path, const tiff_kind *kind)
{
    char mode[4] = {'w', kind->big_endian ? 'b' : 'l', kind->big ? '8' : '4', 0};
    TIFF *file = TIFFOpen(path, mode);
    assert_non_null(file);
    for (int page = 0; page < (kind->pages ? kind->pages : 1); page++) {
        tiff_tags(file, kind, page);
        tiff_page(file, kind);
        assert_int_equal(TIFFWriteDirectory(file), 1);
    }
    TIFFClose(file);
}

/* A TIFF header with one entry, the orientation: what EXIF is. Returns its size. */
static int exif_of(int orientation, bool with_name, uint8_t exif[32])
{
    static const uint8_t words[] = {'E',  'x',  'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0,
                                    0x12, 0x01, 3,   0,   1, 0, 0,   0,   1,  0, 0, 0, 0, 0, 0, 0};
    int skipped = with_name ? 0 : 6;
    memcpy(exif, words + skipped, sizeof words - (size_t)skipped);
    exif[24 - skipped] = (uint8_t)orientation;
    return (int)sizeof words - skipped;
}

void make_png(const char *path, const png_kind *kind)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)kind->cols, (png_uint_32)kind->rows, kind->bits, kind->colours,
                 kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind->colours == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[256];
        for (int i = 0; i < 256; i++)
            palette[i] = (png_color){(png_byte)stored(i, 0, 0, 8), (png_byte)stored(i, 0, 1, 8),
                                     (png_byte)stored(i, 0, 2, 8)};
        png_set_PLTE(png, info, palette, 1 << kind->bits);
    }
    uint8_t exif[32];
    if (kind->exif_orientation)
        png_set_eXIf_1(png, info, (png_uint_32)exif_of(kind->exif_orientation, false, exif), exif);
    png_write_info(png, info);
    int channels = png_get_channels(png, info),
        passes = kind->interlaced ? png_set_interlace_handling(png) : 1;
    size_t row_bytes = png_get_rowbytes(png, info);
    uint8_t *row = calloc(row_bytes, 1);
    assert_non_null(row);
    for (int i = 0; i < passes * kind->rows; i++) {
        memset(row, 0, row_bytes);
        for (int k = 0; k < kind->cols * channels; k++)
            put(row, k, kind->bits, stored(i % kind->rows, k / channels, k % channels, kind->bits), true);
        png_write_row(png, row);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(row);
    assert_int_equal(fclose(file), 0);
}

static void jpeg_markers(struct jpeg_compress_struct *info, const jpeg_kind *kind)
{
    uint8_t exif[32];
    if (kind->exif_orientation)
        jpeg_write_marker(info, JPEG_APP0 + 1, exif, (unsigned)exif_of(kind->exif_orientation, true, exif));
    if (kind->icc)
        jpeg_write_icc_profile(info, kind->icc, (unsigned)kind->icc_bytes);
}

void make_jpeg(const char *path, const jpeg_kind *kind)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    jpeg_stdio_dest(&info, file);
    info.image_width = (JDIMENSION)kind->cols;
    info.image_height = (JDIMENSION)kind->rows;
    info.input_components = kind->channels;
    info.in_color_space = kind->channels == 1 ? JCS_GRAYSCALE : kind->channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 100, TRUE);
    for (int c = 0; c < info.num_components; c++)
        info.comp_info[c].h_samp_factor = info.comp_info[c].v_samp_factor = 1;
    if (kind->progressive)
        jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    jpeg_markers(&info, kind);
    uint8_t *row = malloc((size_t)(kind->cols * kind->channels));
    assert_non_null(row);
    for (int y = 0; y < kind->rows; y++) {
        /* Smooth, so that JPEG keeps it. */
        for (int i = 0; i < kind->cols * kind->channels; i++)
            row[i] =
                (uint8_t)(kind->flat >= 0 ? kind->flat
                                          : 8 * y + 4 * (i / kind->channels) + 20 * (i % kind->channels));
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    free(row);
    assert_int_equal(fclose(file), 0);
}

unsigned char *load(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *bytes = (size_t)ftell(file);
    rewind(file);
    unsigned char *data = malloc(*bytes + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *bytes, file), *bytes);
    fclose(file);
    return data;
}

void save(const char *path, const void *data, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}
