/* Opens a published file of Inception V1, Caffe's or TensorFlow's; private to net. It runs in the separate
 * process that weights.c starts. */
#ifndef GD_NET_PROTOBUF_PUBLISHED_H
#define GD_NET_PROTOBUF_PUBLISHED_H

#include "net/protobuf/model.h"

typedef struct gd_published {
    gd_model model;
    uint8_t *bytes; /* owned; the whole file */
    bool damaged;
} gd_published;

/* Reads the file of the descriptor, which the caller keeps. GD_USAGE if it is damaged, larger than 256 MiB,
 * or of another network. The caller closes it, also after a failure. `published` must not move. */
gd_status gd_published_open(int fd, const char *path, gd_published *published, gd_error *error) GD_CHECKED;
void gd_published_close(gd_published *published);

/* The floats of an array: as many as its dimensions say, to out[count]. GD_USAGE, naming it, if there are
 * others. */
gd_status gd_published_read(const gd_published *published, const gd_model_array *array, const char *name,
                            int64_t count, float *out, gd_error *error) GD_CHECKED;

#endif
