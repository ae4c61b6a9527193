/* Writes weights in the layout of Keras "notop" HDF5 files, whole or with something wrong. */
#ifndef GD_TESTS_KERAS_FILE_H
#define GD_TESTS_KERAS_FILE_H

#include "tools/hash_weights.h"

typedef struct keras_file_options {
    int32_t first_number; /* of the numbered layers: 0 ("conv2d") or more */
    bool state_range;     /* root attribute input_range = range, or -1 and 1 where both are 0 */
    double range[2];
    int32_t without_node;  /* leaves out the layers of this convolution; 0: of none */
    int32_t narrow_node;   /* stores this kernel with one output less; 0: none */
    bool variable_strings; /* as newer h5py writes attributes */
} keras_file_options;

/* Writes the convolutions that `weights` holds. False when something failed. */
bool keras_file_write(const char *path, const gd_net *net, const gd_weights *weights,
                      const keras_file_options *options);

#endif
