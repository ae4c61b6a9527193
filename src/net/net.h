/* The networks as tables of nodes. They do not depend on window shapes or backends, and on
 * weights only by what gd_net_traits holds.
 *
 * Inception V1 (GoogLeNet): Szegedy et al. 2014, arXiv:1409.4842. Inception V3: Szegedy et al. 2015,
 * arXiv:1512.00567. Inception-ResNet v2: Szegedy et al. 2016, arXiv:1602.07261. Names, order and
 * hyperparameters as in keras.applications, those of Inception V1 as in Caffe's bvlc_googlenet. */
#ifndef GD_NET_NET_H
#define GD_NET_NET_H

#include "net/graph.h"

#include <stdbool.h>
#include <stdint.h>

/* Builds the table; the caller frees it with gd_net_free. NULL: out of memory. */
gd_net *gd_net_create(gd_architecture architecture);
/* The network as its file of weights has it. Traits that state nothing: as gd_net_create. */
gd_net *gd_net_create_as(gd_architecture architecture, const gd_net_traits *traits);
void gd_net_free(gd_net *net);

/* Index in net->layers, or -1. */
int32_t gd_net_find_layer(const gd_net *net, const char *name);

/* Rows (or, if along_rows is false, columns) of a node whose inputs have `extent`; 0 if that is too small. */
int32_t gd_node_extent(const gd_node *node, int32_t extent, bool along_rows);

/* Rows (or, if along_rows is false, columns) of `node` for an input with input_extent rows (columns); 0 if
 * that is too small. */
int32_t gd_net_extent(const gd_net *net, int32_t node, int32_t input_extent, bool along_rows);

#endif
