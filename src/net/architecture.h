/* Building blocks of the network tables; private to this folder. Every gd_add_ function appends nodes that
 * read node `from`, and returns the index of the last one. */
#ifndef GD_NET_ARCHITECTURE_H
#define GD_NET_ARCHITECTURE_H

#include "net/graph.h"

enum { GD_NODES_MAX = 448, GD_LAYERS_MAX = 96 };

/* A network in one allocation: `net` points into the arrays behind it. */
typedef struct gd_architecture_table {
    gd_net net;
    gd_node nodes[GD_NODES_MAX];
    gd_layer layers[GD_LAYERS_MAX];
    int32_t conv_count; /* unnamed convolutions so far */
} gd_architecture_table;

/* The picture: the first node of a network. */
int32_t gd_add_input(gd_architecture_table *table);
/* Convolution, batch norm and ReLU: with same padding and stride 1, or without padding and with `stride`. */
int32_t gd_add_conv(gd_architecture_table *table, int32_t from, int32_t channels, int32_t rows, int32_t cols);
int32_t gd_add_conv_valid(gd_architecture_table *table, int32_t from, int32_t channels, int32_t size,
                          int32_t stride);
/* Max pool, 3x3, stride 2, no padding. */
int32_t gd_add_max_pool(gd_architecture_table *table, int32_t from);
/* Average pool, followed by a 1x1 convolution. */
int32_t gd_add_pool_branch(gd_architecture_table *table, int32_t from, int32_t channels);
/* Local response normalization. */
int32_t gd_add_lrn(gd_architecture_table *table, int32_t from, gd_lrn lrn);
/* Concat of from[count]; also appends it to the layers that -ml indexes. */
int32_t gd_add_concat(gd_architecture_table *table, const char *name, int32_t count, const int32_t *from);
/* from + scale * (1x1 convolution with bias of `branches`, named NAME_conv), then ReLU if `relu`. */
int32_t gd_add_residual(gd_architecture_table *table, const char *name, int32_t from, int32_t branches,
                        double scale, bool relu);
/* Gives the convolution that was added last a fixed name, and takes it out of the numbering. */
void gd_name_conv(gd_architecture_table *table, int32_t node, const char *name);

/* The stem of Inception V3 and Inception-ResNet v2: 192 channels at stride 8. */
int32_t gd_add_stem(gd_architecture_table *table);

#endif
