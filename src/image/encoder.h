/* Encoders, one for each output format: rows of RGB samples, from the top, to an open file. */
#ifndef GD_IMAGE_ENCODER_H
#define GD_IMAGE_ENCODER_H

#include "image/writer_options.h"

#include <stdio.h>

typedef struct gd_encoder gd_encoder;

typedef struct gd_encoder_class {
    /* Writes the next row: [cols, 3] samples of bits / 8 bytes. */
    gd_status (*row)(gd_encoder *encoder, const void *samples, gd_error *error);
    /* (TIFF) Writes a compressed tile of a page. */
    gd_status (*tile)(gd_encoder *encoder, int32_t page, int64_t number, const void *data, size_t bytes,
                      gd_error *error);
    gd_status (*finish)(gd_encoder *encoder,
                        gd_error *error); /* called after the last row: writes all data to the file */
    void (*close)(gd_encoder *encoder);   /* frees the encoder */
} gd_encoder_class;

/* The base of each format's encoder. */
struct gd_encoder {
    const gd_encoder_class *class;
    const char *path; /* borrowed; for messages */
    int64_t rows,
        cols; /* of the page that is written as rows: the picture, or the page after those written as tiles */
    int64_t next;       /* next row to be written */
    int64_t tiled_rows; /* rows of a picture that is written as tiles; 0: written as rows */
    int64_t tiled_next; /* all rows before this one are written */
    int32_t bits;
    int system_error; /* errno of the failure; 0: not a system error */
    char cause[256];  /* the library's message */
};

/* Destination of an encoder. All borrowed until the encoder is closed. */
typedef struct gd_encoder_place {
    const char *path;        /* for messages */
    const gd_target *target; /* in whose folder temporary files may be created */
    int fd;                  /* at the beginning of the empty file */
} gd_encoder_place;

/* An output format. `options` are not kept after a call. */
typedef struct gd_encoder_format {
    gd_status (*open)(const gd_encoder_place *place, const gd_writer_options *options, gd_encoder **encoder,
                      gd_error *error);
    /* (optional) GD_USAGE for options that the format does not support. */
    gd_status (*check)(const char *path, const gd_writer_options *options, gd_error *error);
    /* Maximum bytes on disk for pixels and profile, as for noise, which cannot be compressed. */
    double (*disk_bytes)(const gd_writer_options *options);
} gd_encoder_format;

/* The formats, each in its own file. */
extern const gd_encoder_format gd_encoder_jpeg, gd_encoder_png, gd_encoder_tiff;

/* GD_IO, with the cause and the remedy. */
gd_status gd_encoder_failed(const gd_encoder *encoder, gd_error *error) GD_CHECKED;

#endif
