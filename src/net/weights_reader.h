/* What is read of a weights file, in a process of its own (base/apart/apart_work.h); private to this folder.
 * The request is plain data, and so is the answer. */
#ifndef GD_NET_WEIGHTS_READER_H
#define GD_NET_WEIGHTS_READER_H

#include "base/apart/apart_work.h"
#include "net/conv_weights.h"

#include <stdint.h>

/* The convolutions that are wanted, in the order of the network. */
typedef struct gd_weights_request {
    char path[GD_WEIGHTS_PATH_MAX]; /* for messages */
    int32_t count;
    gd_conv_layer convs[]; /* [count] */
} gd_weights_request;

/* Reads one convolution from an opened file into the places of its arrays. */
typedef gd_status gd_conv_reader(const void *file, const gd_conv_layer *conv, const gd_conv_weights *arrays,
                                 gd_error *error);

/* Reads a convolution and answers its values; only one is in memory at a time. */
gd_status gd_weights_send(gd_conv_reader *read, const void *file, const gd_conv_layer *conv,
                          gd_apart_answer *answer, gd_error *error) GD_CHECKED;

/* gd_apart_work on a gd_weights_request. Answers the values of all convolutions, in order. */
gd_status gd_weights_read_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error);

/* The same; answers bool[count], whether the file has it. */
gd_status gd_weights_probe_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error);

#endif
