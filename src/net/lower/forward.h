/* Forward pass: forward operations and their filters; private to this folder. */
#ifndef GD_NET_LOWER_FORWARD_H
#define GD_NET_LOWER_FORWARD_H

#include "net/lower/lowering.h"

/* Appends the forward operations and filters to the tape, after gd_lower_buffers. */
gd_status gd_lower_forward(gd_lowering *l) GD_CHECKED;

/* Instead of a way back: the tape's results, after gd_lower_forward. */
gd_status gd_lower_results(gd_lowering *l) GD_CHECKED;

#endif
