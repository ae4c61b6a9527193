/* Appends the building blocks of the Inception networks (convolutions, pools, concats, residuals) to a
 * network table. */
#include "net/architecture.h"

#include <assert.h>
#include <stdio.h>

static int32_t add_node(gd_architecture_table *table, gd_node node)
{
    assert(table->net.node_count < GD_NODES_MAX);
    const int32_t index = table->net.node_count++;
    table->nodes[index] = node;
    return index;
}

int32_t gd_add_input(gd_architecture_table *table)
{
    return add_node(table, (gd_node){.kind = GD_NODE_INPUT, .channels = 3, .stride = 1, .conv_index = -1});
}

int32_t gd_add_conv(gd_architecture_table *table, int32_t from, int32_t channels, int32_t rows, int32_t cols)
{
    return add_node(table, (gd_node){.kind = GD_NODE_CONV,
                                     .inputs = {from},
                                     .input_count = 1,
                                     .channels = channels,
                                     .kernel_rows = rows,
                                     .kernel_cols = cols,
                                     .stride = 1,
                                     .same = true,
                                     .batch_norm = true,
                                     .relu = true,
                                     .conv_index = table->conv_count++});
}

int32_t gd_add_conv_valid(gd_architecture_table *table, int32_t from, int32_t channels, int32_t size,
                          int32_t stride)
{
    const int32_t index = gd_add_conv(table, from, channels, size, size);
    table->nodes[index].same = false;
    table->nodes[index].stride = stride;
    return index;
}

static int32_t add_pool(gd_architecture_table *table, gd_node_kind kind, int32_t from, int32_t stride,
                        bool same)
{
    return add_node(table, (gd_node){.kind = kind,
                                     .inputs = {from},
                                     .input_count = 1,
                                     .channels = table->nodes[from].channels,
                                     .kernel_rows = 3,
                                     .kernel_cols = 3,
                                     .stride = stride,
                                     .same = same,
                                     .conv_index = -1});
}

int32_t gd_add_max_pool(gd_architecture_table *table, int32_t from)
{
    return add_pool(table, GD_NODE_MAX_POOL, from, 2, false);
}

int32_t gd_add_pool_branch(gd_architecture_table *table, int32_t from, int32_t channels)
{
    return gd_add_conv(table, add_pool(table, GD_NODE_AVG_POOL, from, 1, true), channels, 1, 1);
}

int32_t gd_add_lrn(gd_architecture_table *table, int32_t from, gd_lrn lrn)
{
    return add_node(table, (gd_node){.kind = GD_NODE_LRN,
                                     .inputs = {from},
                                     .input_count = 1,
                                     .channels = table->nodes[from].channels,
                                     .stride = 1,
                                     .lrn = lrn,
                                     .conv_index = -1});
}

int32_t gd_add_concat(gd_architecture_table *table, const char *name, int32_t count, const int32_t *from)
{
    assert(count <= GD_NODE_INPUTS_MAX && table->net.layer_count < GD_LAYERS_MAX);
    gd_node node = {.kind = GD_NODE_CONCAT, .input_count = count, .stride = 1, .conv_index = -1};
    snprintf(node.name, sizeof node.name, "%s", name);
    for (int32_t i = 0; i < count; i++) {
        node.inputs[i] = from[i];
        node.channels += table->nodes[from[i]].channels;
    }
    const int32_t index = add_node(table, node);
    table->layers[table->net.layer_count++] = (gd_layer){.name = table->nodes[index].name, .node = index};
    return index;
}

int32_t gd_add_residual(gd_architecture_table *table, const char *name, int32_t from, int32_t branches,
                        double scale, bool relu)
{
    const int32_t channels = table->nodes[from].channels;
    const int32_t up = gd_add_conv(table, branches, channels, 1, 1);
    char conv_name[GD_NODE_NAME_MAX];
    snprintf(conv_name, sizeof conv_name, "%s_conv", name);
    gd_name_conv(table, up, conv_name);
    table->nodes[up].batch_norm = false;
    table->nodes[up].relu = false;
    return add_node(table, (gd_node){.kind = GD_NODE_RESIDUAL,
                                     .inputs = {from, up},
                                     .input_count = 2,
                                     .channels = channels,
                                     .stride = 1,
                                     .relu = relu,
                                     .scale = scale,
                                     .conv_index = -1});
}

void gd_name_conv(gd_architecture_table *table, int32_t node, const char *name)
{
    assert(table->nodes[node].conv_index == table->conv_count - 1); /* the convolution added last */
    table->conv_count--;
    table->nodes[node].conv_index = -1;
    snprintf(table->nodes[node].name, GD_NODE_NAME_MAX, "%s", name);
}

int32_t gd_add_stem(gd_architecture_table *table)
{
    int32_t x = gd_add_conv_valid(table, gd_add_input(table), 32, 3, 2);
    x = gd_add_conv_valid(table, x, 32, 3, 1);
    x = gd_add_conv(table, x, 64, 3, 3);
    x = gd_add_max_pool(table, x);
    x = gd_add_conv_valid(table, x, 80, 1, 1);
    x = gd_add_conv_valid(table, x, 192, 3, 1);
    return gd_add_max_pool(table, x);
}
