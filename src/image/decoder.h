/* What a format's reader gives to reader.c: rows of RGB samples from the top of the stored picture. */
#ifndef GD_IMAGE_DECODER_H
#define GD_IMAGE_DECODER_H

#include "image/colour.h"
#include "image/picture.h"

#include <stdio.h>

typedef struct gd_decoder gd_decoder;

typedef struct gd_decoder_class {
    /* The next row, from the top: [cols, 3] samples of bits / 8 bytes. */
    gd_status (*row)(gd_decoder *source, void *row, gd_error *error);
    void (*close)(gd_decoder *source); /* frees the source, not its base */
} gd_decoder_class;

/* The base of each format's source; gd_decoder_close frees what it owns. */
struct gd_decoder {
    const gd_decoder_class *class;
    const char *path;    /* borrowed */
    int64_t rows, cols;  /* as stored */
    int64_t next;        /* the row that comes next */
    int32_t bits;        /* 8 or 16 */
    int32_t orientation; /* EXIF's: 1 to 8, 1 is upright */
    uint64_t held;       /* bytes of memory that reading takes at most, beside the row that is asked for */
    uint64_t waiting;    /* bytes of a file in which all rows wait; 0: there is none */
    gd_profile profile;  /* owned; as stored */
    gd_colour_claims colours;
    char warning[GD_WARNING_BYTES]; /* empty: none; may come while rows are read, too */
};

/* What a file is that is no JPEG, PNG or TIFF, told by its first bytes, and the command that makes one of
 * it; NULL: nobody knows. Neither is written to. */
typedef struct gd_foreign {
    const char *what, *command;
} gd_foreign;
enum { GD_FOREIGN_HEAD = 16 }; /* bytes that are enough */
const gd_foreign *gd_foreign_find(const uint8_t *head, size_t bytes);

/* Each takes over `file` in any case, at its beginning, and checks what can be known from the header. */
gd_status gd_jpeg_open(const char *path, FILE *file, gd_decoder **source, gd_error *error) GD_CHECKED;
gd_status gd_png_open(const char *path, FILE *file, gd_decoder **source, gd_error *error) GD_CHECKED;
gd_status gd_tiff_open(const char *path, FILE *file, gd_decoder **source, gd_error *error) GD_CHECKED;

/* Turns the source upright: takes over `*source`. Where rows have to be read in another order the picture
 * waits for its last row: one of more than `most` bytes in a file in `folder` (borrowed; NULL: none is to be
 * had), any other in memory. The first row fails with GD_USAGE when that file cannot be made. */
gd_status gd_decoder_upright(gd_decoder **source, const char *folder, uint64_t most,
                             gd_error *error) GD_CHECKED;

void gd_decoder_close(gd_decoder *source); /* NULL is fine */

/* GD_USAGE unless 1 <= rows, cols <= GD_PICTURE_SIDE_MAX. */
gd_status gd_decoder_check_size(const char *path, int64_t rows, int64_t cols, gd_error *error) GD_CHECKED;

/* Adds a sentence to the warning (printf-style). */
void gd_decoder_warn(gd_decoder *source, const char *format, ...) GD_PRINTF(2, 3);

/* GD_USAGE: the file ends, or makes no sense, in the row that comes next. `cause` is the library's own word
 * on it; may be empty. */
gd_status gd_decoder_damaged(const gd_decoder *source, const char *cause, gd_error *error) GD_CHECKED;

/* Keeps a copy of an ICC profile; of one that is larger than GD_ICC_BYTES_MAX only the trouble. */
gd_status gd_decoder_keep_icc(gd_decoder *source, const void *icc, size_t bytes, gd_error *error) GD_CHECKED;

/* What EXIF says (CIPA DC-008): orientation (1 when it says nothing), dots per inch (0 when it says nothing)
 * and its words on colour. `exif` starts with "Exif\0\0". False, and those values, without libexif. */
typedef struct gd_exif {
    int32_t orientation;
    double dpi_x, dpi_y;
    gd_colour_claims colours;
} gd_exif;
bool gd_exif_parse(const uint8_t *exif, size_t bytes, gd_exif *result);

/* Converts CMYK samples of 8 bits to sRGB by the source's ICC profile, which is dropped. */
typedef struct gd_cmyk gd_cmyk;
gd_status gd_cmyk_create(gd_decoder *source, bool inverted, gd_cmyk **cmyk, gd_error *error) GD_CHECKED;
/* cmyk: [cols, 4]; rgb: [cols, 3] */
void gd_cmyk_row(const gd_cmyk *cmyk, const uint8_t *samples, uint8_t *rgb, int64_t cols);
void gd_cmyk_free(gd_cmyk *cmyk); /* NULL is fine */

#endif
