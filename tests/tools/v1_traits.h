/* A made-up version of Inception V1, like TensorFlow's: other padding, channels and normalizations than
 * Caffe's, which are those of gd_net_create. The same as in tests/fixtures/make.py ("inception5h"). */
#ifndef GD_TESTS_V1_TRAITS_H
#define GD_TESTS_V1_TRAITS_H

#include "net/net.h"

/* 204 of the 508 channels of inception_4a, 48 in inception_5a/5x5_reduce; normalizations that matter. */
gd_net_traits v1_traits_5h(void);

#endif
