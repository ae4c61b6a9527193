/* A made-up network with what neither Inception has: a pool in the middle of a concat, sums that cannot be
 * made in place, readers of single parts, pools that cannot move. For tests of the lowering. */
#ifndef GD_TESTS_TOY_NET_H
#define GD_TESTS_TOY_NET_H

#include "net/net.h"

enum { TOY_NODES = 25 };

extern const gd_net toy_net;

/* A convolution that a residual sum adds: it cannot be a term. */
bool toy_is_branch(int32_t node);

#endif
