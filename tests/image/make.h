/* Makes small pictures of all kinds with the format libraries themselves, for the readers to read. */
#ifndef GD_TESTS_IMAGE_MAKE_H
#define GD_TESTS_IMAGE_MAKE_H

#include "check.h"

#include <stdbool.h>

/* The stored sample of channel c at (y, x): a number below 2^bits that looks like no other nearby. */
unsigned stored(int y, int x, int c, int bits);

typedef struct tiff_kind {
    int rows, cols, bits, samples;
    int photometric;
    int tile; /* pixels a side; 0: strips */
    int rows_per_strip;
    bool separate, big, big_endian;
    int compression; /* 0: none */
    int orientation; /* 0: no tag */
    int pages;       /* 0 means 1 */
    bool reduced;    /* the further pages are smaller copies */
    int format;      /* of samples; 0: no tag */
    const void *icc;
    int icc_bytes;
} tiff_kind;
void make_tiff(const char *path, const tiff_kind *kind);

typedef struct png_kind {
    int rows, cols, bits;
    int colours; /* PNG_COLOR_TYPE_ */
    bool interlaced;
    int exif_orientation; /* 0: no chunk */
} png_kind;
void make_png(const char *path, const png_kind *kind);

typedef struct jpeg_kind {
    int rows, cols, channels; /* 1 grey, 3 YCbCr, 4 CMYK */
    bool progressive;
    int exif_orientation; /* 0: no marker */
    const void *icc;
    int icc_bytes;
    int flat; /* when 0 or above, all samples have this value */
} jpeg_kind;
void make_jpeg(const char *path, const jpeg_kind *kind);

/* A whole file; owned by the caller. */
unsigned char *load(const char *path, size_t *bytes);
void save(const char *path, const void *data, size_t bytes);

#endif
