/* Compresses tiles in memory. libtiff does it, so the bytes are those that it would write into a file. */
#ifndef GD_IMAGE_TIFF_TIFF_ENCODE_H
#define GD_IMAGE_TIFF_TIFF_ENCODE_H

#include "image/tiff/tiff_page.h"

#include <stddef.h>

typedef struct gd_tiff_encoder gd_tiff_encoder;

/* For tiles of up to GD_TIFF_TILE pixels a side. NULL: no memory. */
gd_tiff_encoder *gd_tiff_encoder_create(int32_t bits);
void gd_tiff_encoder_free(gd_tiff_encoder *encoder); /* NULL is fine */

/* Compresses a tile of `page`: samples is [tile rows, tile cols, 3], dense. *data is the encoder's own, until
 * the next call. False: *data is NULL, and gd_tiff_encoder_cause has libtiff's word on it. */
bool gd_tiff_encode(gd_tiff_encoder *encoder, const gd_tiff_page *page, const void *samples,
                    const void **data, size_t *bytes);
const char *gd_tiff_encoder_cause(const gd_tiff_encoder *encoder);

/* No compressed tile is larger than so many bytes; noise comes to half of it (LZW). */
size_t gd_tiff_encoded_most(int32_t bits);

#endif
