/* A Keras weights file, HDF5 or an archive with one, open for reading; private to this folder. Error messages
 * name the file. All of it runs in the separate process that weights.c starts. */
#ifndef GD_NET_WEIGHTS_FILE_H
#define GD_NET_WEIGHTS_FILE_H

#include "net/keras/weights_index.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gd_weights_file {
    const char *path;  /* borrowed */
    uint8_t *unpacked; /* owned; the HDF5 file, where an archive has it deflated; else NULL */
    hid_t id;
    gd_weights_index index;
    int32_t first_conv, first_norm; /* smallest numbers in the families conv2d and batch_normalization */
} gd_weights_file;

/* Opens the file of the descriptor, which the caller keeps. GD_USAGE if it is not a Keras weights file. The
 * caller closes it, also after a failure. */
gd_status gd_weights_file_open(int fd, const char *path, gd_weights_file *file, gd_error *error) GD_CHECKED;
void gd_weights_file_close(gd_weights_file *file);

/* Whether the file has a layer of that name. */
bool gd_weights_file_has(const gd_weights_file *file, const char *layer);

/* Whether that layer has a weight of that name ("gamma", ...). */
bool gd_weights_file_lists(const gd_weights_file *file, const char *layer, const char *weight);

/* Checks that `layer` has `weight` ("kernel", "beta", ...) as plain data with exactly the dimensions
 * dims[rank], then reads it to out[product of dims], unless out is NULL, and checks its values. GD_USAGE
 * names the array. */
gd_status gd_weights_file_read(const gd_weights_file *file, const char *layer, const char *weight, int rank,
                               const hsize_t *dims, float *out, gd_error *error) GD_CHECKED;

/* Reads the root attribute input_range (black, white); *stated: whether it exists. */
gd_status gd_weights_file_range(const gd_weights_file *file, bool *stated, double range[2],
                                gd_error *error) GD_CHECKED;

#endif
