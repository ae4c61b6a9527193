/* The networks as tables of nodes. They do not depend on weights, window shapes or backends.
 *
 * Inception V3: Szegedy et al. 2015, arXiv:1512.00567. Inception-ResNet v2: Szegedy et al. 2016,
 * arXiv:1602.07261. Names, order and hyperparameters as in keras.applications. */
#ifndef GD_NET_NET_H
#define GD_NET_NET_H

#include "net/graph.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gd_architecture { GD_INCEPTION_V3, GD_INCEPTION_RESNET_V2 } gd_architecture;

/* Builds the table; the caller frees it with gd_net_free. NULL: out of memory. */
gd_net *gd_net_create(gd_architecture architecture);
void gd_net_free(gd_net *net);

/* Index in net->layers, or -1. */
int32_t gd_net_find_layer(const gd_net *net, const char *name);

/* Rows (or, if along_rows is false, columns) of `node` for an input with input_extent rows (columns); 0 if
 * that is too small. */
int32_t gd_net_extent(const gd_net *net, int32_t node, int32_t input_extent, bool along_rows);

#endif
