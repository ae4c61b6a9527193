/* Building blocks of the network tables; private to this folder. Every function appends a node and returns
 * its index. */
#ifndef GD_NET_ARCHITECTURE_H
#define GD_NET_ARCHITECTURE_H

#include "net/graph.h"

enum { GD_NODES_MAX = 448, GD_LAYERS_MAX = 48 };

/* A network in one piece of memory: `net` points into the arrays behind it. */
typedef struct gd_architecture_table {
    gd_net net;
    gd_node nodes[GD_NODES_MAX];
    gd_layer layers[GD_LAYERS_MAX];
    int32_t conv_count; /* unnamed convolutions so far */
} gd_architecture_table;

/* Convolution, batch norm, ReLU: same padding and stride 1, or valid with `stride`. */
int32_t gd_add_conv(gd_architecture_table *table, int32_t from, int32_t channels, int32_t rows, int32_t cols);
int32_t gd_add_conv_valid(gd_architecture_table *table, int32_t from, int32_t channels, int32_t size,
                          int32_t stride);
int32_t gd_add_max_pool(gd_architecture_table *table, int32_t from);
/* Average pool, then a 1x1 convolution. */
int32_t gd_add_pool_branch(gd_architecture_table *table, int32_t from, int32_t channels);
/* Appends the concat to the list of -ml as well: every concat is in it. */
int32_t gd_add_concat(gd_architecture_table *table, const char *name, int32_t count, const int32_t *from);
/* ReLU (where `relu`) of from + scale * (1x1 convolution with bias of `branches`, called NAME_conv). */
int32_t gd_add_residual(gd_architecture_table *table, const char *name, int32_t from, int32_t branches,
                        double scale, bool relu);
/* Gives a convolution a fixed name; it leaves the numbering. */
void gd_name_conv(gd_architecture_table *table, int32_t node, const char *name);

/* The stem of both networks: 192 channels at stride 8. */
int32_t gd_add_stem(gd_architecture_table *table);

#endif
