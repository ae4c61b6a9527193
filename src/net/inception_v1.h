/* Inception V1, GoogLeNet (Szegedy et al. 2014, arXiv:1409.4842) with the names of Caffe's bvlc_googlenet;
 * private to this folder. */
#ifndef GD_NET_INCEPTION_V1_H
#define GD_NET_INCEPTION_V1_H

#include "net/architecture.h"

/* Those of bvlc_googlenet.caffemodel. */
extern const gd_net_traits gd_traits_bvlc;

/* Fills an empty table: nodes, layers and names. The list of -ml has the outputs of the nine blocks; all
 * other convolutions, pools and normalizations have names. */
void gd_build_inception_v1(gd_architecture_table *table, const gd_net_traits *traits);

#endif
