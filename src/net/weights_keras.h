/* The format of Keras' files, HDF5 or a .keras archive; private to net. */
#ifndef GD_NET_WEIGHTS_KERAS_H
#define GD_NET_WEIGHTS_KERAS_H

#include "net/weights_reader.h"

extern const gd_weights_format gd_weights_keras;

#endif
