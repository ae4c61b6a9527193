/* What is read of a published file of Inception V1, Caffe's or TensorFlow's, in a process of its own; private
 * to this folder. Each is a gd_apart_work on a gd_weights_request. */
#ifndef GD_NET_WEIGHTS_V1_H
#define GD_NET_WEIGHTS_V1_H

#include "net/weights_reader.h"

/* Answers gd_net_traits. GD_USAGE for normalizations, means or kernels that are not read. */
gd_status gd_v1_traits(const void *request, int fd, gd_apart_answer *answer, gd_error *error);

/* As gd_weights_read_all and gd_weights_probe_all. The first convolution's kernel is turned to take red,
 * green and blue in [-1, 1], shifted by the traits' shift. */
gd_status gd_v1_read_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error);
gd_status gd_v1_probe_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error);

#endif
