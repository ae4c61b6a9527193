/* A Keras weights file, open for reading; private to this folder. Sentences name the file. */
#ifndef GD_NET_WEIGHTS_FILE_H
#define GD_NET_WEIGHTS_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

#include <hdf5.h>

enum { GD_LAYER_NAME_MAX = 64 };

typedef struct gd_weights_file {
    const char *path; /* borrowed */
    hid_t id;
    int32_t first_conv, first_norm; /* smallest numbers in the families conv2d and batch_normalization */
    H5E_auto2_t report;             /* the HDF5 library's own error printing, off while the file is open */
    void *report_data;
} gd_weights_file;

gd_status gd_weights_file_open(const char *path, gd_weights_file *file, gd_error *error) GD_CHECKED;
void gd_weights_file_close(gd_weights_file *file);

/* Whether the file has a layer of that name. */
bool gd_weights_file_has(const gd_weights_file *file, const char *layer);

/* Whether that layer lists a weight of that name ("gamma", ...). */
bool gd_weights_file_lists(const gd_weights_file *file, const char *layer, const char *weight);

/* Checks that `layer` holds `weight` ("kernel", "beta", ...) with just these dimensions, then reads it into
 * out[product of dims], unless out is NULL. */
gd_status gd_weights_file_read(const gd_weights_file *file, const char *layer, const char *weight, int rank,
                               const hsize_t *dims, float *out, gd_error *error) GD_CHECKED;

/* The root attribute input_range (black, white); *stated tells whether there is one. */
gd_status gd_weights_file_range(const gd_weights_file *file, bool *stated, double range[2],
                                gd_error *error) GD_CHECKED;

#endif
