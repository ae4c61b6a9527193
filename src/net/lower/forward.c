/* Emits the forward pass: one operation for each node that has its own result, and the filters. */
#include "net/lower/forward.h"

static gd_slice values_of(const gd_lowering *l, int32_t version, int32_t channel, int32_t channels)
{
    return (gd_slice){l->buffers[l->versions[version].buffer].values, channel, channels};
}

static gd_slice node_values(const gd_lowering *l, int32_t n)
{
    return values_of(l, l->nodes[n].version, l->nodes[n].channel, l->net->nodes[n].channels);
}

/* The mask slice of channels [channel, channel + channels) of a version. */
static gd_slice mask_of(const gd_lowering *l, int32_t version, int32_t channel, int32_t channels)
{
    for (int32_t m = 0; m < l->mask_count; m++) {
        const gd_mask_run *run = &l->masks[m];
        if (run->version == version && run->channel <= channel && channel < run->channel + run->channels)
            return (gd_slice){run->tensor, channel - run->channel, channels};
    }
    return (gd_slice){0};
}

static gd_op shaped_op(gd_op_kind kind, const gd_node *node)
{
    return (gd_op){.kind = kind,
                   .filter = -1,
                   .kernel_rows = node->kernel_rows,
                   .kernel_cols = node->kernel_cols,
                   .stride = node->stride,
                   .pad_rows = gd_lower_padding(node, true),
                   .pad_cols = gd_lower_padding(node, false)};
}

/* Adds the filter of the convolutions that were merged with `leader`. */
static int32_t add_filter(gd_lowering *l, int32_t leader, double scale)
{
    const gd_node *node = &l->net->nodes[leader];
    gd_filter *filter = &l->tape->filters[l->tape->filter_count];
    *filter = (gd_filter){.in = l->net->nodes[node->inputs[0]].channels,
                          .kernel_rows = node->kernel_rows,
                          .kernel_cols = node->kernel_cols,
                          .scale = scale,
                          .pooled = l->nodes[leader].moved};
    for (int32_t n = leader; n < l->net->node_count; n++) {
        if (l->nodes[n].needed && l->nodes[n].leader == leader) {
            filter->nodes[filter->part_count++] = n;
            filter->out += l->net->nodes[n].channels;
        }
    }
    return l->tape->filter_count++;
}

static gd_status emit_input(gd_lowering *l, int32_t n)
{
    gd_op op = shaped_op(GD_OP_INPUT, &l->net->nodes[n]);
    op.dst = node_values(l, n);
    return gd_lower_op(l, &op, (gd_op_versions){-1, l->nodes[n].version});
}

static gd_status emit_conv(gd_lowering *l, int32_t n)
{
    gd_op op = shaped_op(GD_OP_CONV, &l->net->nodes[n]);
    const int32_t from = l->net->nodes[n].inputs[0];
    const gd_op_versions versions = {l->nodes[from].version, l->nodes[n].version};
    op.filter = add_filter(l, n, 1);
    op.src = node_values(l, from);
    op.dst = values_of(l, versions.dst, l->nodes[n].channel, l->tape->filters[op.filter].out);
    op.relu = l->net->nodes[n].relu;
    op.mask = mask_of(l, versions.dst, op.dst.channel, op.dst.channels);
    return gd_lower_op(l, &op, versions);
}

static gd_status emit_moved(gd_lowering *l, int32_t n)
{
    gd_op op = shaped_op(GD_OP_CONV, &l->net->nodes[n]);
    const int32_t pool = l->net->nodes[n].inputs[0];
    const int32_t from = l->net->nodes[pool].inputs[0];
    const int32_t middle = l->nodes[n].before_pool;
    op.filter = add_filter(l, n, 1);
    op.src = node_values(l, from);
    op.dst = values_of(l, middle, 0, l->net->nodes[n].channels);
    const gd_status status = gd_lower_op(l, &op, (gd_op_versions){l->nodes[from].version, middle});
    if (status != GD_OK)
        return status;
    gd_op mean = shaped_op(GD_OP_AVG_POOL, &l->net->nodes[pool]);
    mean.src = op.dst;
    mean.dst = node_values(l, n);
    mean.relu = l->net->nodes[n].relu;
    mean.mask = mask_of(l, l->nodes[n].version, mean.dst.channel, mean.dst.channels);
    return gd_lower_op(l, &mean, (gd_op_versions){middle, l->nodes[n].version});
}

static gd_status emit_pool(gd_lowering *l, int32_t n)
{
    const bool max = l->net->nodes[n].kind == GD_NODE_MAX_POOL;
    gd_op op = shaped_op(max ? GD_OP_MAX_POOL : GD_OP_AVG_POOL, &l->net->nodes[n]);
    const int32_t from = l->net->nodes[n].inputs[0];
    op.src = node_values(l, from);
    op.dst = node_values(l, n);
    if (max) {
        op.winner.channels = op.dst.channels;
        const gd_status status =
            gd_lower_tensor(l, GD_TENSOR_WINNER, n, &l->nodes[n].values, op.dst.channels, &op.winner.tensor);
        if (status != GD_OK)
            return status;
    }
    return gd_lower_op(l, &op, (gd_op_versions){l->nodes[from].version, l->nodes[n].version});
}

static gd_status emit_lrn(gd_lowering *l, int32_t n)
{
    gd_op op = shaped_op(GD_OP_LRN, &l->net->nodes[n]);
    const int32_t from = l->net->nodes[n].inputs[0];
    op.src = node_values(l, from);
    op.dst = node_values(l, n);
    op.lrn = l->net->nodes[n].lrn;
    return gd_lower_op(l, &op, (gd_op_versions){l->nodes[from].version, l->nodes[n].version});
}

/* x + scale * conv: the convolution accumulates into x, in place or in a copy. */
static gd_status emit_residual(gd_lowering *l, int32_t n)
{
    const gd_node *node = &l->net->nodes[n];
    const int32_t x = node->inputs[0], conv = node->inputs[1];
    const int32_t from = l->net->nodes[conv].inputs[0];
    if (l->versions[l->nodes[x].version].buffer != l->versions[l->nodes[n].version].buffer) {
        gd_op copy = shaped_op(GD_OP_COPY, node);
        copy.src = node_values(l, x);
        copy.dst = node_values(l, n);
        const gd_status status =
            gd_lower_op(l, &copy, (gd_op_versions){l->nodes[x].version, l->nodes[n].version});
        if (status != GD_OK)
            return status;
    }
    gd_op op = shaped_op(GD_OP_CONV, &l->net->nodes[conv]);
    op.filter = add_filter(l, conv, node->scale);
    op.src = node_values(l, from);
    op.dst = node_values(l, n);
    op.accumulate = true;
    op.relu = node->relu;
    op.mask = mask_of(l, l->nodes[n].version, op.dst.channel, op.dst.channels);
    return gd_lower_op(l, &op, (gd_op_versions){l->nodes[from].version, l->nodes[n].version});
}

static gd_status emit_node(gd_lowering *l, int32_t n)
{
    const gd_lower_node *node = &l->nodes[n];
    if (!node->needed || node->skipped || node->residual >= 0 || node->leader != n)
        return GD_OK;
    switch (l->net->nodes[n].kind) {
    case GD_NODE_INPUT:
        return emit_input(l, n);
    case GD_NODE_CONV:
        return node->moved ? emit_moved(l, n) : emit_conv(l, n);
    case GD_NODE_MAX_POOL:
    case GD_NODE_AVG_POOL:
        return emit_pool(l, n);
    case GD_NODE_LRN:
        return emit_lrn(l, n);
    case GD_NODE_RESIDUAL:
        return emit_residual(l, n);
    case GD_NODE_CONCAT: /* its inputs were written in place */
        break;
    }
    return GD_OK;
}

gd_status gd_lower_forward(gd_lowering *l)
{
    gd_status status = GD_OK;
    for (int32_t n = 0; n < l->net->node_count && status == GD_OK; n++)
        status = emit_node(l, n);
    l->tape->first_backward = l->tape->op_count;
    return status;
}
