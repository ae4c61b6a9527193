/* Decoders, one for each input format: rows of RGB samples from the top of the stored picture.
 */
#ifndef GD_IMAGE_DECODER_H
#define GD_IMAGE_DECODER_H

#include "base/allowance.h"
#include "base/status.h"
#include "image/limits.h"
#include "image/metadata/colour_claims.h"
#include "image/profile.h"

#include <stdio.h>

typedef struct gd_decoder gd_decoder;

typedef struct gd_decoder_class {
    /* Reads the next row, from the top: [cols, 3] samples of bits / 8 bytes. */
    gd_status (*row)(gd_decoder *decoder, void *row, gd_error *error);
    void (*close)(gd_decoder *decoder); /* frees the decoder, not its base */
} gd_decoder_class;

/* The base of each format's decoder; gd_decoder_close frees what it owns. */
struct gd_decoder {
    const gd_decoder_class *class;
    const char *path;        /* borrowed */
    gd_allowance *allowance; /* borrowed while the file is being opened; NULL: no limit, or opened */
    int64_t rows, cols;      /* as stored */
    int64_t next;            /* next row to be read */
    int32_t bits;            /* 8 or 16 */
    int32_t orientation;     /* EXIF's: 1 to 8, 1 is upright */
    uint64_t held;           /* maximum bytes of memory for reading, without the caller's row */
    uint64_t waiting;        /* bytes of a temporary file that holds all rows; 0: none */
    gd_profile profile;      /* owned; as stored */
    gd_colour_claims colours;
    char warning[GD_WARNING_BYTES]; /* "": none; reading rows may add some */
};

/* Open a decoder for each format, and check the header. `file` is at its beginning, and is owned by the
 * decoder or, after a failure, closed. Memory is taken from `allowance` (NULL: no limit) before it is
 * allocated. GD_USAGE, with the remedy, for a picture that cannot be read. */
gd_status gd_jpeg_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error) GD_CHECKED;
gd_status gd_png_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                      gd_error *error) GD_CHECKED;
gd_status gd_tiff_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error) GD_CHECKED;

gd_status gd_webp_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error) GD_CHECKED;
gd_status gd_heif_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error) GD_CHECKED;

void gd_decoder_close(gd_decoder *decoder); /* NULL is fine */

/* GD_USAGE unless 1 <= rows, cols <= GD_PICTURE_SIDE_MAX. */
gd_status gd_decoder_check_size(const char *path, int64_t rows, int64_t cols, gd_error *error) GD_CHECKED;

/* Adds a sentence to the warning (printf-style). */
void gd_decoder_warn(gd_decoder *decoder, const char *format, ...) GD_PRINTF(2, 3);

/* GD_USAGE for a file that ends or is damaged at the next row. `cause` is the library's message; "": none. */
gd_status gd_decoder_damaged(const gd_decoder *decoder, const char *cause, gd_error *error) GD_CHECKED;

/* Copies an ICC profile to the decoder. One that is larger than GD_ICC_BYTES_MAX is not copied, which
 * decoder->colours notes. */
gd_status gd_decoder_keep_icc(gd_decoder *decoder, const void *icc, size_t bytes, gd_error *error) GD_CHECKED;

/* Reads orientation, resolution and claims on colour from EXIF data, with or without "Exif\0\0" before it. */
gd_status gd_decoder_take_exif(gd_decoder *decoder, const uint8_t *exif, size_t bytes,
                               gd_error *error) GD_CHECKED;

/* Reads a whole file, within the allowance, and closes it. The caller frees *data. */
gd_status gd_decoder_read_file(const gd_decoder *decoder, FILE *file, uint8_t **data, size_t *bytes,
                               gd_error *error) GD_CHECKED;

#endif
