/* Inception-ResNet v2 (Szegedy et al. 2016, arXiv:1602.07261) as in keras.applications; private to this
 * folder. */
#ifndef GD_NET_INCEPTION_RESNET_V2_H
#define GD_NET_INCEPTION_RESNET_V2_H

#include "net/architecture.h"

/* Fills an empty table: nodes, layers and names. */
void gd_build_inception_resnet_v2(gd_architecture_table *table);

#endif
