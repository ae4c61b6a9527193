/* What is read of a weights file, in a process of its own (base/apart/apart_work.h), whatever its format;
 * private to net. The request is plain data, and so is the answer. */
#ifndef GD_NET_WEIGHTS_READER_H
#define GD_NET_WEIGHTS_READER_H

#include "base/apart/apart_work.h"
#include "net/conv_weights.h"

#include <stdint.h>

/* The convolutions that are wanted, in the order of the network. */
typedef struct gd_weights_request {
    char path[GD_WEIGHTS_PATH_MAX]; /* for messages */
    bool versions;                  /* the network's: it has formats of its own */
    int32_t count;
    gd_conv_layer convs[]; /* [count] */
} gd_weights_request;

/* A format of weights files. */
typedef struct gd_weights_format {
    size_t bytes; /* of an opened file, which does not move */
    /* Opens the file of a descriptor, which the caller keeps. GD_USAGE if it is damaged, or has nothing of
     * the network. The caller closes it, also after a failure. */
    gd_status (*open)(int fd, const char *path, void *file, gd_error *error);
    void (*close)(void *file);
    bool (*has)(const void *file, const gd_conv_layer *conv);
    /* Checks a convolution's shapes, and reads its arrays where they have a place. GD_USAGE names what the
     * file has otherwise, or has not. */
    gd_status (*read)(const void *file, const gd_conv_layer *conv, const gd_conv_weights *arrays,
                      gd_error *error);
} gd_weights_format;

/* Answers the values of all convolutions of the request, in order; only one is in memory at a time. */
gd_status gd_weights_read_as(const gd_weights_format *format, const gd_weights_request *request, int fd,
                             gd_apart_answer *answer, gd_error *error) GD_CHECKED;

/* The same; answers bool[count], whether the file has it. */
gd_status gd_weights_probe_as(const gd_weights_format *format, const gd_weights_request *request, int fd,
                              gd_apart_answer *answer, gd_error *error) GD_CHECKED;

#endif
