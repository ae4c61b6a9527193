/* JPEGs in memory, of pictures that fit into it: tiles. */
#ifndef GD_IMAGE_JPEG_JPEG_TILE_H
#define GD_IMAGE_JPEG_JPEG_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Compresses rgb, [rows, cols, 3] in sRGB, without chroma subsampling, at libjpeg's `quality` (1 to 100). The
 * caller frees *jpeg. False: out of memory. Equal samples give equal bytes. */
bool gd_jpeg_tile(const uint8_t *rgb, int32_t rows, int32_t cols, int32_t quality, uint8_t **jpeg,
                  size_t *bytes);

#endif
