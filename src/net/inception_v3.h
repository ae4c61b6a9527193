/* Inception V3 (Szegedy et al. 2015, arXiv:1512.00567) as in keras.applications; private to this folder. */
#ifndef GD_NET_INCEPTION_V3_H
#define GD_NET_INCEPTION_V3_H

#include "net/architecture.h"

/* Fills an empty table: nodes, layers and names. */
void gd_build_inception_v3(gd_architecture_table *table);

#endif
