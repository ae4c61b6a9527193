/* Builds the network tables, and computes what depends only on the graph: layers by name, extents. */
#include "net/net.h"

#include "net/architecture.h"
#include "net/inception_resnet_v2.h"
#include "net/inception_v1.h"
#include "net/inception_v3.h"

#include <stdlib.h>
#include <string.h>

gd_net *gd_net_create_as(gd_architecture architecture, const gd_net_traits *traits)
{
    gd_architecture_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->net.nodes = table->nodes;
    table->net.layers = table->layers;
    table->net.smallest_input = 75;
    table->net.architecture = architecture;
    switch (architecture) {
    case GD_INCEPTION_V3:
        gd_build_inception_v3(table);
        break;
    case GD_INCEPTION_RESNET_V2:
        gd_build_inception_resnet_v2(table);
        break;
    case GD_INCEPTION_V1:
        gd_build_inception_v1(table, traits->stated ? traits : &gd_traits_bvlc);
        break;
    }
    if (table->net.listed_count == 0)
        table->net.listed_count = table->net.layer_count;
    return &table->net; /* the first member, so that gd_net_free frees the whole table */
}

gd_net *gd_net_create(gd_architecture architecture)
{
    return gd_net_create_as(architecture, &(gd_net_traits){0});
}

void gd_net_free(gd_net *net)
{
    free(net);
}

int32_t gd_net_find_layer(const gd_net *net, const char *name)
{
    for (int32_t i = 0; i < net->layer_count; i++) {
        if (strcmp(net->layers[i].name, name) == 0)
            return i;
    }
    return -1;
}

int32_t gd_node_extent(const gd_node *node, int32_t extent, bool along_rows)
{
    const int32_t kernel = along_rows ? node->kernel_rows : node->kernel_cols;
    if (kernel == 0)
        return extent;
    const int32_t spare = node->same ? kernel - 1 : node->partial ? node->stride - 1 : 0;
    return extent + spare < kernel ? 0 : (extent + spare - kernel) / node->stride + 1;
}

int32_t gd_net_extent(const gd_net *net, int32_t node, int32_t input_extent, bool along_rows)
{
    /* All inputs of a node have the same extent, so the first one is enough. */
    const gd_node *n = &net->nodes[node];
    const int32_t extent =
        n->input_count > 0 ? gd_net_extent(net, n->inputs[0], input_extent, along_rows) : input_extent;
    return gd_node_extent(n, extent, along_rows);
}
