/* State of the TIFF decoder, shared by tiff_read.c and tiff_header.c; private to them. */
#ifndef GD_IMAGE_TIFF_TIFF_READER_H
#define GD_IMAGE_TIFF_TIFF_READER_H

#include "image/decoder.h"
#include "image/tiff/tiff_page_view.h"
#include "image/tiff/tiff_samples.h"

#include <stdio.h>
#include <tiffio.h>

enum { GD_TIFF_CHANNELS_MAX = 5 /* read of a pixel: colours, and the alpha that they are multiplied by */ };

typedef struct gd_tiff_reader {
    gd_decoder base;
    FILE *file;                        /* owned */
    gd_tiff_page_view view;            /* owned; of the page that is read */
    TIFF *files[GD_TIFF_CHANNELS_MAX]; /* owned; one for each separate plane, so that each is read
                                          sequentially */
    char cause[256];                   /* libtiff's first error message */
    uint16_t photometric;
    gd_tiff_layout layout;
    bool tiled;
    uint32_t tile_rows, tile_cols;
    uint8_t *raw; /* owned; [raw_bytes], a row or a tile as stored */
    size_t raw_bytes;
    uint8_t *pixels;    /* owned; [1 or tile_rows, cols, kept] samples of 8 or 16 bits */
    size_t pixel_bytes; /* of a pixel in `pixels` */
} gd_tiff_reader;

#endif
