/* Emits the forward pass: one operation for each node that has its own result, and the filters. */
#include "net/lower/forward.h"

#include <stdlib.h>

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

/* Whether a convolution applies the ReLU: that of its result, or of all parts of its raw result. */
static bool applies_relu(const gd_lowering *l, int32_t leader)
{
    bool all = true;
    for (int32_t n = leader; n < l->net->node_count; n++)
        if (l->nodes[n].leader == leader)
            all = all && l->net->nodes[n].relu && !l->nodes[n].moved;
    return all;
}

/* A part of the raw result goes to its tensor, with its own ReLU and mask. */
static gd_status emit_seam(gd_lowering *l, int32_t n)
{
    const gd_lower_node *node = &l->nodes[n];
    gd_op op = {.kind = GD_OP_SEAM, .filter = -1, .stride = 1};
    op.src = values_of(l, node->raw, node->raw_channel, l->net->nodes[n].channels);
    op.dst = node_values(l, n);
    op.relu = l->net->nodes[n].relu && !applies_relu(l, node->leader);
    op.mask = mask_of(l, node->version, op.dst.channel, op.dst.channels);
    return gd_lower_op(l, &op, (gd_op_versions){node->raw, node->version});
}

static gd_status emit_moved_pool(gd_lowering *l, int32_t n)
{
    const gd_lower_node *node = &l->nodes[n];
    gd_op mean = shaped_op(GD_OP_AVG_POOL, &l->net->nodes[l->net->nodes[n].inputs[0]]);
    mean.src = values_of(l, node->raw, node->raw_channel, l->net->nodes[n].channels);
    mean.dst = node_values(l, n);
    mean.relu = l->net->nodes[n].relu;
    mean.mask = mask_of(l, node->version, mean.dst.channel, mean.dst.channels);
    return gd_lower_op(l, &mean, (gd_op_versions){node->raw, node->version});
}

static bool is_alone(const gd_lowering *l, int32_t leader)
{
    for (int32_t n = 0; n < l->net->node_count; n++)
        if (n != leader && l->nodes[n].leader == leader)
            return false;
    return l->nodes[leader].leader == leader;
}

/* A part of a concat that nothing else reads: its seam waits for the other parts', so that they are a group.
 * Parts of merged convolutions do not, for that would keep the raw result alive. */
static bool seam_waits(const gd_lowering *l, int32_t n)
{
    const gd_lower_node *node = &l->nodes[n];
    return node->raw >= 0 && !node->moved && node->owner >= 0 && node->readers == 1 && is_alone(l, n);
}

/* The part of a concat that a chain of convolutions from n on ends in, each read by the next alone, or -1. */
static int32_t chain_end(const gd_lowering *l, int32_t n)
{
    while (l->net->nodes[n].kind == GD_NODE_CONV && !seam_waits(l, n)) {
        if (l->nodes[n].raw >= 0 || l->nodes[n].readers != 1)
            return -1;
        n = l->nodes[n].last_reader;
    }
    return l->net->nodes[n].kind == GD_NODE_CONV ? n : -1;
}

/* Within a block the mask of a convolution can wait for the seams of the concat, and be of their group. Not
 * that of a 1x1 convolution, which a matrix product can write itself. */
static bool mask_waits(const gd_lowering *l, int32_t n)
{
    const gd_node *node = &l->net->nodes[n];
    return l->options.dense && node->kind == GD_NODE_CONV && node->relu && l->nodes[n].needed &&
           l->nodes[n].raw < 0 && !gd_lower_pointwise(node) && !l->nodes[n].reads_picture &&
           chain_end(l, n) >= 0;
}

static gd_status emit_mask(gd_lowering *l, int32_t n)
{
    gd_op op = {.kind = GD_OP_SEAM, .filter = -1, .stride = 1, .src = node_values(l, n)};
    op.mask = mask_of(l, l->nodes[n].version, op.src.channel, op.src.channels);
    return gd_lower_op(l, &op, (gd_op_versions){l->nodes[n].version, -1});
}

/* The seam of a concat's part, after the masks of the chain that ends there. */
static gd_status emit_end(gd_lowering *l, int32_t part)
{
    gd_status status = GD_OK;
    for (int32_t n = 0; n < part && status == GD_OK; n++)
        if (mask_waits(l, n) && chain_end(l, n) == part)
            status = emit_mask(l, n);
    return status == GD_OK ? emit_seam(l, part) : status;
}

/* All that is made of a raw result. Pools come first, so that on the way back their gradients are gathered
 * with those of the seams. */
static gd_status emit_parts(gd_lowering *l, int32_t leader)
{
    gd_status status = GD_OK;
    for (int32_t pass = 0; pass < 2; pass++)
        for (int32_t n = leader; n < l->net->node_count && status == GD_OK; n++) {
            if (l->nodes[n].leader != leader || l->nodes[n].moved != (pass == 0) || seam_waits(l, n))
                continue;
            status = pass == 0 ? emit_moved_pool(l, n) : emit_seam(l, n);
        }
    return status;
}

/* The convolution that reads the picture is the first operation. */
static gd_status emit_reader(gd_lowering *l, int32_t n)
{
    gd_op op = shaped_op(GD_OP_INPUT, &l->net->nodes[n]);
    op.filter = add_filter(l, n, 1);
    op.dst = node_values(l, n);
    op.relu = true;
    op.mask = mask_of(l, l->nodes[n].version, op.dst.channel, op.dst.channels);
    return gd_lower_op(l, &op, (gd_op_versions){-1, l->nodes[n].version});
}

static gd_status emit_conv(gd_lowering *l, int32_t n)
{
    gd_op op = shaped_op(GD_OP_CONV, &l->net->nodes[n]);
    const gd_lower_node *node = &l->nodes[n];
    const bool raw = node->raw >= 0;
    const int32_t from = gd_lower_source(l, n);
    const gd_op_versions versions = {l->nodes[from].version, raw ? node->raw : node->version};
    op.filter = add_filter(l, n, 1);
    op.src = node_values(l, from);
    op.dst =
        values_of(l, versions.dst, raw ? node->raw_channel : node->channel, l->tape->filters[op.filter].out);
    op.relu = raw ? applies_relu(l, n) : l->net->nodes[n].relu;
    if (!raw && !mask_waits(l, n))
        op.mask = mask_of(l, versions.dst, op.dst.channel, op.dst.channels);
    const gd_status status = gd_lower_op(l, &op, versions);
    return status == GD_OK && raw ? emit_parts(l, n) : status;
}

/* Its parts were written in place, or wait to be. */
static gd_status emit_concat(gd_lowering *l, int32_t n)
{
    gd_status status = GD_OK;
    for (int32_t i = 0; i < l->net->nodes[n].input_count && status == GD_OK; i++) {
        const int32_t part = l->net->nodes[n].inputs[i];
        if (l->net->nodes[part].kind == GD_NODE_CONCAT && l->nodes[part].readers == 1)
            status = emit_concat(l, part);
        else if (seam_waits(l, part))
            status = emit_end(l, part);
    }
    return status;
}

static gd_status emit_pool(gd_lowering *l, int32_t n)
{
    const bool max = l->net->nodes[n].kind == GD_NODE_MAX_POOL;
    gd_op op = shaped_op(max ? GD_OP_MAX_POOL : GD_OP_AVG_POOL, &l->net->nodes[n]);
    const int32_t from = l->net->nodes[n].inputs[0];
    op.src = node_values(l, from);
    op.dst = node_values(l, n);
    op.relu = l->nodes[from].judged_by_pool;
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
        return node->reads_picture ? emit_reader(l, n) : emit_conv(l, n);
    case GD_NODE_MAX_POOL:
    case GD_NODE_AVG_POOL:
        return emit_pool(l, n);
    case GD_NODE_LRN:
        return emit_lrn(l, n);
    case GD_NODE_RESIDUAL:
        return emit_residual(l, n);
    case GD_NODE_CONCAT: /* one that is only a part of another waits for it */
        return node->owner >= 0 && node->readers == 1 ? GD_OK : emit_concat(l, n);
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

gd_status gd_lower_results(gd_lowering *l)
{
    l->tape->results = calloc((size_t)l->objective->count, sizeof *l->tape->results);
    if (!l->tape->results)
        return gd_lower_no_memory(l);
    for (int32_t t = 0; t < l->objective->count; t++)
        l->tape->results[t] = node_values(l, l->objective->terms[t].node);
    l->tape->result_count = l->objective->count;
    return GD_OK;
}
