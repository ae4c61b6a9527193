/* Buffers pass: buffers and versions for the results of all nodes; private to this folder. */
#ifndef GD_NET_LOWER_BUFFERS_H
#define GD_NET_LOWER_BUFFERS_H

#include "net/lower/lowering.h"

/* Sets version and channel of each needed node, after gd_lower_rewrite. */
gd_status gd_lower_buffers(gd_lowering *l) GD_CHECKED;

#endif
