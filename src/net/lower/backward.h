/* Backward pass: backward operations; private to this folder. */
#ifndef GD_NET_LOWER_BACKWARD_H
#define GD_NET_LOWER_BACKWARD_H

#include "net/lower/lowering.h"

/* Appends the backward operations to the tape, after gd_lower_forward. */
gd_status gd_lower_backward(gd_lowering *l) GD_CHECKED;

#endif
