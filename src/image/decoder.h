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
    /* The next row, from the top: [cols, 3] samples of bits / 8 bytes. */
    gd_status (*row)(gd_decoder *decoder, void *row, gd_error *error);
    void (*close)(gd_decoder *decoder); /* frees the decoder, not its base */
} gd_decoder_class;

/* The base of each format's decoder; gd_decoder_close frees what it owns. */
struct gd_decoder {
    const gd_decoder_class *class;
    const char *path;        /* borrowed */
    gd_allowance *allowance; /* borrowed, while the file is being opened; then, or without a bound, NULL */
    int64_t rows, cols;      /* as stored */
    int64_t next;            /* the row that comes next */
    int32_t bits;            /* 8 or 16 */
    int32_t orientation;     /* EXIF's: 1 to 8, 1 is upright */
    uint64_t held;      /* bytes of memory that reading takes at most, beside the row that is asked for */
    uint64_t waiting;   /* bytes of a file in which all rows wait; 0: there is none */
    gd_profile profile; /* owned; as stored */
    gd_colour_claims colours;
    char warning[GD_WARNING_BYTES]; /* empty: none; may come while rows are read, too */
};

/* The formats, each in its own file. Each takes over `file` in any case, at its beginning, and checks what
 * can be known from the header. What opening takes of memory is taken from `allowance` (NULL: no bound)
 * before it is allocated. */
gd_status gd_jpeg_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error) GD_CHECKED;
gd_status gd_png_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                      gd_error *error) GD_CHECKED;
gd_status gd_tiff_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error) GD_CHECKED;

void gd_decoder_close(gd_decoder *decoder); /* NULL is fine */

/* GD_USAGE unless 1 <= rows, cols <= GD_PICTURE_SIDE_MAX. */
gd_status gd_decoder_check_size(const char *path, int64_t rows, int64_t cols, gd_error *error) GD_CHECKED;

/* Adds a sentence to the warning (printf-style). */
void gd_decoder_warn(gd_decoder *decoder, const char *format, ...) GD_PRINTF(2, 3);

/* GD_USAGE: the file ends, or makes no sense, in the row that comes next. `cause` is the library's own word
 * on it; may be empty. */
gd_status gd_decoder_damaged(const gd_decoder *decoder, const char *cause, gd_error *error) GD_CHECKED;

/* Keeps a copy of an ICC profile; of one that is larger than GD_ICC_BYTES_MAX only the trouble. */
gd_status gd_decoder_keep_icc(gd_decoder *decoder, const void *icc, size_t bytes, gd_error *error) GD_CHECKED;

#endif
