/* Regions pass: which units of each node the gradient of the focus needs; private to this folder. */
#ifndef GD_NET_LOWER_REGIONS_H
#define GD_NET_LOWER_REGIONS_H

#include "net/lower/lowering.h"

/* Sets the regions of all needed nodes, after gd_lower_rewrite. GD_INTERNAL if the focus is not a part of the
 * window. */
gd_status gd_lower_regions(gd_lowering *l) GD_CHECKED;

#endif
