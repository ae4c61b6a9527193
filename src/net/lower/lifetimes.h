/* Last pass: lifetimes of tensors; private to this folder. */
#ifndef GD_NET_LOWER_LIFETIMES_H
#define GD_NET_LOWER_LIFETIMES_H

#include "net/tape.h"

/* Sets first_op and last_op of every tensor of a complete tape; both are -1 for an unused tensor. */
void gd_lower_lifetimes(gd_tape *tape);

#endif
