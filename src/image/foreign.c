/* Recognises file formats that are not read by their first bytes, and names a command that converts them. */
#include "image/foreign.h"

#include <string.h>

typedef struct kind {
    size_t at;
    const char *bytes;
    size_t count;
    gd_foreign foreign;
} kind;

#define IS_READ NULL, NULL
#define RAW "a camera's raw file", "darktable-cli IN OUT.tif"
#define MAGICK_COMMAND "magick IN OUT.png"

/* The first match is used. */
static const kind kinds[] = {
    {12,
     "CgBI",
     4,
     {"a PNG in Apple's own form for iOS (CgBI)", "pngcrush -revert-iphone-optimizations IN OUT.png"}},
    {4, "ftypavi", 7, {IS_READ}}, /* before "ftyp" alone */
    {4, "ftyphe", 6, {IS_READ}},
    {4, "ftypmif1", 8, {IS_READ}},
    {4, "ftypmsf1", 8, {IS_READ}},
    {4, "ftypcrx ", 8, {RAW}},
    {4, "ftyp", 4, {"a film", "ffmpeg -i IN -frames:v 1 OUT.png"}},
    {0, "GIF8", 4, {"a GIF", "magick 'IN[0]' OUT.png"}},
    {0, "\xFF\x0A", 2, {"a JPEG XL picture", "djxl IN OUT.png"}},
    {0, "\0\0\0\x0CJXL ", 8, {"a JPEG XL picture", "djxl IN OUT.png"}},
    {0, "\0\0\0\x0CjP  ", 8, {"a JPEG 2000 picture", "opj_decompress -i IN.jp2 -o OUT.png"}},
    {0, "\xFF\x4F\xFF\x51", 4, {"a JPEG 2000 picture", "opj_decompress -i IN.j2k -o OUT.png"}},
    {0, "\xFF\xD8\xFF\xF7", 4, {"a JPEG-LS picture", "ffmpeg -i IN OUT.png"}},
    {0, "8BPS", 4, {"a Photoshop document", "magick 'IN[0]' OUT.png"}},
    {0, "%PDF", 4, {"a PDF", "pdftoppm -png -r 300 -singlefile IN OUT"}},
    {0, "v/1\x01", 4, {"an OpenEXR picture", MAGICK_COMMAND}},
    {0, "#?RADIANCE", 10, {"a Radiance picture", MAGICK_COMMAND}},
    {0, "qoif", 4, {"a QOI picture", MAGICK_COMMAND}},
    {0, "\0\0\x01\0", 4, {"an icon", MAGICK_COMMAND}},
    {0, "<svg", 4, {"an SVG drawing", "rsvg-convert IN -o OUT.png"}},
    {0, "FUJIFILMCCD-RAW", 15, {RAW}},
    {0, "IIRO", 4, {RAW}},
    {0, "IIRS", 4, {RAW}},
    {0, "IIU\0", 4, {RAW}},
    {0, "FOVb", 4, {RAW}},
    {0, "P5", 2, {"a PGM picture", "pnmtopng IN > OUT.png"}},
    {0, "P6", 2, {"a PPM picture", "pnmtopng IN > OUT.png"}},
    {0, "BM", 2, {"a BMP picture", MAGICK_COMMAND}},
};

const gd_foreign *gd_foreign_find(const uint8_t *head, size_t bytes)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const kind *k = &kinds[i];
        if (bytes >= k->at + k->count && memcmp(head + k->at, k->bytes, k->count) == 0)
            return k->foreign.what ? &k->foreign : NULL;
    }
    return NULL;
}
