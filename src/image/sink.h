/* What writer.c asks of a format's writer: rows of RGB samples from the top, into an open file. */
#ifndef GD_IMAGE_SINK_H
#define GD_IMAGE_SINK_H

#include "image/picture.h"

#include <stdio.h>

typedef struct gd_sink gd_sink;

typedef struct gd_sink_class {
    /* The next row: [cols, 3] samples of bits / 8 bytes. */
    gd_status (*row)(gd_sink *sink, const void *samples, gd_error *error);
    gd_status (*finish)(gd_sink *sink, gd_error *error); /* all rows came: hands everything to the system */
    void (*close)(gd_sink *sink);                        /* frees the sink */
} gd_sink_class;

/* The base of each format's sink. */
struct gd_sink {
    const gd_sink_class *class;
    const char *path; /* borrowed; the name for sentences */
    int64_t rows, cols;
    int64_t next; /* the row that comes next */
    int32_t bits;
    int system_error; /* errno when the library gave up; 0: it does not lie there */
    char cause[256];  /* the library's word on it */
};

/* Each writes to `fd` (borrowed, at the beginning of an empty file) and needs `options` during the call only.
 */
typedef gd_status gd_sink_open(const char *path, int fd, const gd_writer_options *options, gd_sink **sink,
                               gd_error *error) GD_CHECKED;
gd_sink_open gd_jpeg_create, gd_png_create, gd_tiff_create;

/* GD_IO, with the cause and the remedy. */
gd_status gd_sink_failed(const gd_sink *sink, gd_error *error) GD_CHECKED;

/* A stream of its own over the file of `fd`, or NULL. */
FILE *gd_sink_stream(int fd);

#endif
