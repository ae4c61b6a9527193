/* Weights from a hash, for layers beyond the bundled file: the same float32 values here and in
 * tests/fixtures/make.py.
 *
 * Value i of the array NAME ("conv2d_0/kernel", "block35_1_conv/bias", ...; numbered convolutions by their
 * place in order of creation, batch norm under its convolution's name) is
 *   v = (splitmix64(fnv1a64(NAME) + (i + 1) * 0x9e3779b97f4a7c15) >> 40) * 2^-23 - 1, in [-1, 1),
 * where splitmix64 is the finalizer of Steele et al. 2014; a kernel (HWIO) holds v * sqrt(6 / fan-in) (He et
 * al. 2015), bias and beta 0.1 v, mean 0.1 v, variance 1 + 0.2 v: activations stay of order one. */
#ifndef GD_TESTS_HASH_WEIGHTS_H
#define GD_TESTS_HASH_WEIGHTS_H

#include "net/net.h"
#include "net/weights.h"

/* Makes the convolutions marked in needed[net->node_count]; NULL when memory is short. Free with
 * gd_weights_free. */
gd_weights *hash_weights_create(const gd_net *net, const bool *needed);

#endif
