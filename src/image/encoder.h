/* Encoders: what writer.c asks of each output format, rows of RGB samples from the top into an open file. */
#ifndef GD_IMAGE_ENCODER_H
#define GD_IMAGE_ENCODER_H

#include "image/writer_options.h"

#include <stdio.h>

typedef struct gd_encoder gd_encoder;

typedef struct gd_encoder_class {
    /* The next row: [cols, 3] samples of bits / 8 bytes. */
    gd_status (*row)(gd_encoder *encoder, const void *samples, gd_error *error);
    /* (TIFF) A compressed tile of a page. */
    gd_status (*tile)(gd_encoder *encoder, int32_t page, int64_t number, const void *data, size_t bytes,
                      gd_error *error);
    gd_status (*finish)(gd_encoder *encoder,
                        gd_error *error); /* all rows came: hands everything to the system */
    void (*close)(gd_encoder *encoder);   /* frees the encoder */
} gd_encoder_class;

/* The base of each format's encoder. */
struct gd_encoder {
    const gd_encoder_class *class;
    const char *path;   /* borrowed; the name for sentences */
    int64_t rows, cols; /* of what comes as rows: the picture, or the page after those that come as tiles */
    int64_t next;       /* the row that comes next */
    int64_t tiled_rows; /* of a picture that comes as tiles; 0: it comes as rows */
    int64_t tiled_next; /* its rows before it are there */
    int32_t bits;
    int system_error; /* errno when the library gave up; 0: it does not lie there */
    char cause[256];  /* the library's word on it */
};

/* Destination of an encoder. All borrowed, for as long as the encoder lives. */
typedef struct gd_encoder_place {
    const char *path;        /* the name for sentences */
    const gd_target *target; /* beside which others may lie */
    int fd;                  /* at the beginning of the empty file */
} gd_encoder_place;

/* An output format. `options` are needed during the calls only. */
typedef struct gd_encoder_format {
    gd_status (*open)(const gd_encoder_place *place, const gd_writer_options *options, gd_encoder **encoder,
                      gd_error *error);
    /* (optional) GD_USAGE for options that the format cannot have. */
    gd_status (*check)(const char *path, const gd_writer_options *options, gd_error *error);
    /* Bytes of disk that pixels and profile take at most: those of noise, which no compression makes smaller.
     */
    double (*disk_bytes)(const gd_writer_options *options);
} gd_encoder_format;

/* The formats, each in its own file. */
extern const gd_encoder_format gd_encoder_jpeg, gd_encoder_png, gd_encoder_tiff;

/* GD_IO, with the cause and the remedy. */
gd_status gd_encoder_failed(const gd_encoder *encoder, gd_error *error) GD_CHECKED;

#endif
