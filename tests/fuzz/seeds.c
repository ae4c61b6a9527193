/* seeds FOLDER: writes small pictures of all kinds into FOLDER, for the fuzz targets to start from. */
#include "image/make.h"

#include <png.h>
#include <stdio.h>
#include <tiffio.h>
#include <unistd.h>

static void jpegs(void)
{
    char name[64];
    for (int k = 0; k < 8; k++) {
        jpeg_kind kind = {.rows = 20,
                          .cols = 17,
                          .channels = k % 4 == 0   ? 1
                                      : k % 4 == 3 ? 4
                                                   : 3,
                          .progressive = k > 3,
                          .exif_orientation = k,
                          .flat = -1};
        snprintf(name, sizeof name, "%d.jpg", k);
        make_jpeg(name, &kind);
    }
}

static void pngs(void)
{
    static const int colours[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_PALETTE,
                                  PNG_COLOR_TYPE_RGB_ALPHA};
    char name[64];
    for (int k = 0; k < 16; k++) {
        int bits = k / 8 == 0 ? 8 : colours[k % 4] == PNG_COLOR_TYPE_PALETTE ? 4 : 16;
        png_kind kind = {9, 11, bits, colours[k % 4], k / 4 % 2, k % 9};
        snprintf(name, sizeof name, "%d.png", k);
        make_png(name, &kind);
    }
}

static void tiffs(void)
{
    static const int compressions[] = {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                       COMPRESSION_PACKBITS, COMPRESSION_JPEG};
    static const struct {
        int photometric, samples;
    } colours[] = {
        {PHOTOMETRIC_RGB, 3}, {PHOTOMETRIC_MINISWHITE, 1}, {PHOTOMETRIC_PALETTE, 1}, {PHOTOMETRIC_RGB, 4}};
    char name[64];
    for (int k = 0; k < 40; k++) {
        tiff_kind kind = {.rows = 18,
                          .cols = 21,
                          .bits = k % 3 || k / 4 % 5 == 4 || k % 4 == 2 ? 8 : 16,
                          .samples = colours[k % 4].samples,
                          .photometric = colours[k % 4].photometric,
                          .tile = k % 2 ? 16 : 0,
                          .rows_per_strip = 8,
                          .separate = k / 3 % 2,
                          .big = k / 5 % 2,
                          .big_endian = k / 7 % 2,
                          .compression = k % 4 == 2 ? COMPRESSION_LZW : compressions[k / 4 % 5],
                          .orientation = k % 9,
                          .pages = 1 + k % 2};
        snprintf(name, sizeof name, "%d.tif", k);
        make_tiff(name, &kind);
    }
}

int main(int count, char **words)
{
    if (count != 2 || chdir(words[1]) != 0) {
        fprintf(stderr, "usage: seeds FOLDER\n");
        return 2;
    }
    jpegs();
    pngs();
    tiffs();
    return 0;
}
