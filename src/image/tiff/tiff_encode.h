/* Compresses tiles in memory with libtiff, to the bytes that it would write to a file. */
#ifndef GD_IMAGE_TIFF_TIFF_ENCODE_H
#define GD_IMAGE_TIFF_TIFF_ENCODE_H

#include "image/tiff/tiff_page.h"

#include <stddef.h>

typedef struct gd_tiff_encoder gd_tiff_encoder;

/* Makes an encoder for tiles of up to GD_TIFF_TILE pixels a side. NULL: out of memory. The caller frees it.
 */
gd_tiff_encoder *gd_tiff_encoder_create(int32_t bits);
void gd_tiff_encoder_free(gd_tiff_encoder *encoder); /* NULL is fine */

/* Compresses a tile of `page`: samples is dense [tile rows, tile cols, 3]. *data is owned by the encoder and
 * valid until the next call. False: *data is NULL, and gd_tiff_encoder_cause returns libtiff's message. */
bool gd_tiff_encode(gd_tiff_encoder *encoder, const gd_tiff_page *page, const void *samples,
                    const void **data, size_t *bytes);
const char *gd_tiff_encoder_cause(const gd_tiff_encoder *encoder);

/* Maximum bytes of a compressed tile; noise takes half of it (LZW). */
size_t gd_tiff_encoded_most(int32_t bits);

#endif
