/* Computes receptive fields, strides and costs of layers from the network table. */
#include "net/reach.h"

#include "base/minmax.h"
#include "net/architecture.h"
#include "net/objective.h"

/* Receptive field of a node, and the pixels between its units. */
typedef struct field {
    int32_t rows, cols, stride;
} field;

/* Extends the largest field of the inputs by the node's own kernel. All kernels are odd and all branches of a
 * block are centred on the same pixel, so the largest field covers the others. */
static field node_field(const gd_node *node, const field *fields)
{
    field f = {1, 1, 1};
    for (int32_t i = 0; i < node->input_count; i++) {
        const field *in = &fields[node->inputs[i]];
        f = (field){gd_max_i32(f.rows, in->rows), gd_max_i32(f.cols, in->cols),
                    gd_max_i32(f.stride, in->stride)};
    }
    if (node->kernel_rows > 0) {
        f.rows += (node->kernel_rows - 1) * f.stride;
        f.cols += (node->kernel_cols - 1) * f.stride;
    }
    f.stride *= node->stride;
    return f;
}

static field find_field(const gd_net *net, int32_t node)
{
    field fields[GD_NODES_MAX];
    for (int32_t n = 0; n <= node; n++)
        fields[n] = node_field(&net->nodes[n], fields);
    return fields[node];
}

int32_t gd_net_reach(const gd_net *net, int32_t node)
{
    const field f = find_field(net, node);
    return gd_max_i32(f.rows, f.cols);
}

int32_t gd_net_stride(const gd_net *net, int32_t node)
{
    return find_field(net, node).stride;
}

double gd_net_cost(const gd_net *net, int32_t node)
{
    bool needed[GD_NODES_MAX];
    const gd_objective objective = {.terms = {{.node = node, .weight = 1}}, .count = 1};
    gd_objective_needs(net, &objective, needed);
    double cost = 0;
    for (int32_t n = 0; n <= node; n++) {
        const gd_node *conv = &net->nodes[n];
        if (!needed[n] || conv->kind != GD_NODE_CONV)
            continue;
        const double stride = gd_net_stride(net, n);
        cost += (double)net->nodes[conv->inputs[0]].channels * conv->channels * conv->kernel_rows *
                conv->kernel_cols / (stride * stride);
    }
    return cost;
}

int32_t gd_objective_reach(const gd_net *net, const gd_objective *objective)
{
    int32_t reach = 0;
    for (int32_t t = 0; t < objective->count; t++)
        reach = gd_max_i32(reach, gd_net_reach(net, objective->terms[t].node));
    return reach;
}

int32_t gd_objective_stride(const gd_net *net, const gd_objective *objective)
{
    int32_t stride = 1;
    for (int32_t t = 0; t < objective->count; t++)
        stride = gd_max_i32(stride, gd_net_stride(net, objective->terms[t].node));
    return stride;
}
