/* What is read of a published file of Inception V1, Caffe's or TensorFlow's, in a process of its own; private
 * to this folder. */
#ifndef GD_NET_WEIGHTS_V1_H
#define GD_NET_WEIGHTS_V1_H

#include "net/weights_reader.h"

/* A gd_apart_work on a gd_weights_request: answers gd_net_traits. GD_USAGE for normalizations, means or
 * kernels that are not read. */
gd_status gd_v1_traits(const void *request, int fd, gd_apart_answer *answer, gd_error *error);

/* The first convolution's kernel is turned to take red, green and blue in [-1, 1], shifted by the traits'
 * shift. */
extern const gd_weights_format gd_weights_v1;

#endif
