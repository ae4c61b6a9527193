/* Assigns buffers, versions and channel ranges to results, and mask tensors to the outputs of ReLUs. */
#include "net/lower/buffers.h"

#include <stdlib.h>

static int32_t add_version(gd_lowering *l, int32_t buffer)
{
    l->versions[l->version_count] = (gd_version){.buffer = buffer};
    return l->version_count++;
}

/* Adds a buffer and its first version. */
static gd_status add_buffer(gd_lowering *l, int32_t node, int32_t channels, const gd_region *values,
                            const gd_region *back, int32_t *version)
{
    gd_buffer *buffer = &l->buffers[l->buffer_count];
    *buffer = (gd_buffer){.node = node, .back = *back, .channels = channels, .gradient = -1};
    buffer->written = calloc((size_t)channels, sizeof *buffer->written);
    if (!buffer->written)
        return gd_lower_no_memory(l);
    *version = add_version(l, l->buffer_count++);
    return gd_lower_tensor(l, GD_TENSOR_VALUES, node, values, channels, &buffer->values);
}

/* Of the node's own units. */
static gd_status add_own_buffer(gd_lowering *l, int32_t node, int32_t channels, int32_t *version)
{
    return add_buffer(l, node, channels, &l->nodes[node].values, &l->nodes[node].gradient, version);
}

static int32_t part_offset(const gd_net *net, int32_t concat, int32_t part)
{
    const gd_node *node = &net->nodes[concat];
    int32_t channel = 0;
    for (int32_t i = 0; node->inputs[i] != part; i++)
        channel += net->nodes[node->inputs[i]].channels;
    return channel;
}

/* Inputs get their place from their concat, so the outermost concat comes first. */
static gd_status place_concats(gd_lowering *l)
{
    gd_status status = GD_OK;
    for (int32_t n = l->net->node_count - 1; n >= 0 && status == GD_OK; n--) {
        gd_lower_node *node = &l->nodes[n];
        if (node->owner >= 0) {
            node->version = l->nodes[node->owner].version;
            node->channel = l->nodes[node->owner].channel + part_offset(l->net, node->owner, n);
        } else if (node->needed && l->net->nodes[n].kind == GD_NODE_CONCAT) {
            status = add_own_buffer(l, n, l->net->nodes[n].channels, &node->version);
        }
    }
    return status;
}

static gd_status place_merged(gd_lowering *l, int32_t leader)
{
    int32_t channels = 0;
    for (int32_t n = leader; n < l->net->node_count; n++) {
        if (l->nodes[n].leader == leader) {
            l->nodes[n].channel = channels;
            channels += l->net->nodes[n].channels;
        }
    }
    int32_t version = -1;
    const gd_status status = add_own_buffer(l, leader, channels, &version);
    for (int32_t n = leader; n < l->net->node_count && status == GD_OK; n++) {
        if (l->nodes[n].leader == leader)
            l->nodes[n].version = version;
    }
    return status;
}

/* Whether a result, or that of its merged siblings, first goes to a tensor of its own: before an average pool
 * that moved, and in dense tapes where it is not one whole tensor that is read. */
static bool needs_raw(const gd_lowering *l, int32_t leader)
{
    bool merged = false;
    for (int32_t n = leader + 1; n < l->net->node_count; n++)
        merged = merged || l->nodes[n].leader == leader;
    return l->nodes[leader].moved || (l->options.dense && (merged || l->nodes[leader].owner >= 0));
}

/* Units of a convolution's result, before a pool that moved behind it. */
static const gd_region *result_of(const gd_lowering *l, int32_t n)
{
    return &l->nodes[l->nodes[n].moved ? l->net->nodes[n].inputs[0] : n].values;
}

/* One tensor for all units that a convolution and its merged siblings compute. Of its gradient a 1x1
 * convolution needs what it gives: the units of its source's. */
static gd_status place_raw(gd_lowering *l, int32_t leader)
{
    const int32_t from = gd_lower_pointwise(&l->net->nodes[leader]) ? gd_lower_source(l, leader) : leader;
    gd_region values = *result_of(l, leader);
    int32_t channels = 0, version = -1;
    for (int32_t n = leader; n < l->net->node_count; n++) {
        if (l->nodes[n].leader != leader)
            continue;
        values.rows = gd_interval_hull(values.rows, result_of(l, n)->rows);
        values.cols = gd_interval_hull(values.cols, result_of(l, n)->cols);
        l->nodes[n].raw_channel = channels;
        channels += l->net->nodes[n].channels;
    }
    const gd_status status = add_buffer(l, leader, channels, &values, &l->nodes[from].gradient, &version);
    for (int32_t n = leader; n < l->net->node_count && status == GD_OK; n++) {
        if (l->nodes[n].leader == leader)
            l->nodes[n].raw = version;
    }
    return status;
}

static bool same_interval(gd_interval a, gd_interval b)
{
    return a.begin == b.begin && a.end == b.end;
}

static bool same_region(const gd_region *a, const gd_region *b)
{
    return same_interval(a->rows, b->rows) && same_interval(a->cols, b->cols);
}

/* The sum may overwrite x when x is a whole tensor of the same units that nothing reads later, on the way
 * back least of all. */
static bool sums_in_place(const gd_lowering *l, int32_t residual)
{
    const int32_t x = l->net->nodes[residual].inputs[0];
    const int32_t version = l->nodes[x].version;
    if (!same_region(&l->nodes[x].values, &l->nodes[residual].values) ||
        !same_region(&l->nodes[x].gradient, &l->nodes[residual].gradient))
        return false;
    if (l->options.no_in_place || l->nodes[residual].owner >= 0 ||
        l->buffers[l->versions[version].buffer].channels != l->net->nodes[x].channels)
        return false;
    for (int32_t n = 0; n < l->net->node_count; n++) {
        if (l->nodes[n].version == version && (l->nodes[n].kept || l->nodes[n].last_reader > residual))
            return false;
    }
    return true;
}

static gd_status place_node(gd_lowering *l, int32_t n)
{
    gd_lower_node *node = &l->nodes[n];
    const int32_t channels = l->net->nodes[n].channels;
    if (!node->needed || node->skipped || node->residual >= 0)
        return GD_OK;
    if (l->net->nodes[n].kind == GD_NODE_CONV && node->leader == n && needs_raw(l, n)) {
        const gd_status status = place_raw(l, n);
        if (status != GD_OK)
            return status;
    }
    if (node->version >= 0)
        return GD_OK;
    if (l->net->nodes[n].kind == GD_NODE_CONV && node->raw < 0)
        return place_merged(l, n);
    if (l->net->nodes[n].kind == GD_NODE_RESIDUAL && sums_in_place(l, n)) {
        node->version = add_version(l, l->versions[l->nodes[l->net->nodes[n].inputs[0]].version].buffer);
        return GD_OK;
    }
    return add_own_buffer(l, n, channels, &node->version);
}

/* The node whose operation fills the channels of `version` that begin at `channel`, or -1. */
static int32_t find_leaf(const gd_lowering *l, int32_t version, int32_t channel)
{
    for (int32_t n = 0; n < l->net->node_count; n++) {
        if (l->nodes[n].version == version && l->nodes[n].channel == channel &&
            l->net->nodes[n].kind != GD_NODE_CONCAT)
            return n;
    }
    return -1;
}

/* Finds the runs of channels with a ReLU. Max pools need no mask, because the winner replaces it. */
static void find_masks(gd_lowering *l, int32_t version)
{
    const int32_t channels = l->buffers[l->versions[version].buffer].channels;
    gd_mask_run *run = NULL;
    for (int32_t channel = 0; channel < channels;) {
        const int32_t leaf = find_leaf(l, version, channel);
        if (leaf < 0) /* before a seam or a moved pool */
            return;
        if (!l->net->nodes[leaf].relu || l->nodes[leaf].judged_by_pool) {
            run = NULL;
        } else if (run) {
            run->channels += l->net->nodes[leaf].channels;
        } else {
            run = &l->masks[l->mask_count++];
            *run = (gd_mask_run){
                .version = version, .channel = channel, .channels = l->net->nodes[leaf].channels};
        }
        channel += l->net->nodes[leaf].channels;
    }
}

gd_status gd_lower_buffers(gd_lowering *l)
{
    gd_status status = place_concats(l);
    for (int32_t n = 0; n < l->net->node_count && status == GD_OK; n++)
        status = place_node(l, n);
    for (int32_t v = 0; v < l->version_count && status == GD_OK; v++)
        find_masks(l, v);
    for (int32_t m = 0; m < l->mask_count && status == GD_OK; m++) {
        gd_mask_run *run = &l->masks[m];
        const int32_t node = l->buffers[l->versions[run->version].buffer].node;
        status =
            gd_lower_tensor(l, GD_TENSOR_MASK, node, &l->nodes[node].values, run->channels, &run->tensor);
    }
    return status;
}
