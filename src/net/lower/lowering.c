/* Appends tensors and operations to the tape, and owns the state that the passes share. */
#include "net/lower/lowering.h"

#include "base/grow.h"
#include "base/minmax.h"

#include <stdlib.h>

enum {
    ELEMENTS_MAX = INT32_MAX,
    ITEMS_MAX =
        1 << 16 /* tensors, operations or factors of a tape; the networks have some hundreds, or channels */
};

gd_status gd_lower_no_memory(gd_lowering *l)
{
    return gd_no_memory(l->error, "lowering %s for a window of %d x %d pixels", l->net->title, l->tape->rows,
                        l->tape->cols);
}

static bool fits(const gd_lowering *l, int32_t node, int32_t channels, int32_t rows, int32_t cols)
{
    return (int64_t)channels * gd_net_extent(l->net, node, rows, true) *
               gd_net_extent(l->net, node, cols, false) <=
           ELEMENTS_MAX;
}

/* Whether all needed nodes, and the tensor of `node`, fit for a square window. */
static bool square_fits(const gd_lowering *l, int32_t node, int32_t channels, int32_t side)
{
    bool all = fits(l, node, channels, side, side);
    for (int32_t n = 0; n < l->net->node_count && all; n++)
        all = !l->nodes[n].needed || fits(l, n, l->net->nodes[n].channels, side, side);
    return all;
}

/* Refuses a window because the tensor of `node` is too large, and names the largest square that works. */
static gd_status refuse_window(gd_lowering *l, int32_t node, int32_t channels)
{
    const int32_t step = 32; /* the stride of the deepest layers */
    int32_t side = step;
    while (square_fits(l, node, channels, side + step))
        side += step;
    return gd_fail(
        l->error, GD_USAGE,
        "A window of %d x %d pixels (the tile and its halo) makes a tensor of %lld values in %s, and 2^31 or "
        "more cannot be addressed: choose a smaller -ts, at most %d less twice the halo.",
        l->tape->cols, l->tape->rows,
        (long long)channels * gd_net_extent(l->net, node, l->tape->rows, true) *
            gd_net_extent(l->net, node, l->tape->cols, false),
        l->net->title, side);
}

gd_interval gd_interval_hull(gd_interval a, gd_interval b)
{
    if (a.begin >= a.end || b.begin >= b.end)
        return a.begin >= a.end ? b : a;
    return (gd_interval){gd_min_i32(a.begin, b.begin), gd_max_i32(a.end, b.end)};
}

bool gd_lower_pointwise(const gd_node *node)
{
    return node->kind == GD_NODE_CONV && node->kernel_rows == 1 && node->kernel_cols == 1 &&
           node->stride == 1;
}

int32_t gd_lower_source(const gd_lowering *l, int32_t conv)
{
    const int32_t input = l->net->nodes[conv].inputs[0];
    return l->nodes[conv].moved ? l->net->nodes[input].inputs[0] : input;
}

int32_t gd_lower_padding(const gd_node *node, bool along_rows)
{
    return node->same ? ((along_rows ? node->kernel_rows : node->kernel_cols) - 1) / 2 - node->late : 0;
}

static int32_t length(gd_interval interval)
{
    return interval.end - interval.begin;
}

gd_status gd_lower_tensor(gd_lowering *l, gd_tensor_kind kind, int32_t node, const gd_region *region,
                          int32_t channels, int32_t *tensor)
{
    gd_tape *tape = l->tape;
    if ((int64_t)channels * length(region->rows) * length(region->cols) > ELEMENTS_MAX)
        return refuse_window(l, node, channels);
    const gd_array_kind tensors = {sizeof *tape->tensors, ITEMS_MAX, "the tensors of a tape"};
    const gd_status status =
        gd_grow(&tape->tensors, &l->tensor_capacity, tape->tensor_count + 1, &tensors, l->error);
    if (status != GD_OK)
        return status;
    tape->tensors[tape->tensor_count] = (gd_tensor){.kind = kind,
                                                    .channels = channels,
                                                    .rows = length(region->rows),
                                                    .cols = length(region->cols),
                                                    .row = region->rows.begin,
                                                    .col = region->cols.begin,
                                                    .whole_rows = l->nodes[node].rows,
                                                    .whole_cols = l->nodes[node].cols};
    *tensor = tape->tensor_count++;
    return GD_OK;
}

gd_status gd_lower_factors(gd_lowering *l, int32_t count)
{
    const gd_array_kind factors = {sizeof *l->tape->factors, ITEMS_MAX, "the factors of a tape"};
    const gd_status status = gd_grow(&l->tape->factors, &l->factor_capacity,
                                     (int64_t)l->tape->factor_count + count, &factors, l->error);
    l->tape->factor_count += status == GD_OK ? count : 0;
    return status;
}

static gd_status grow_ops(gd_lowering *l)
{
    const gd_array_kind ops = {sizeof *l->tape->ops, ITEMS_MAX, "the operations of a tape"};
    const gd_array_kind versions = {sizeof *l->op_versions, ITEMS_MAX, "the versions of a tape"};
    const int64_t needed = (int64_t)l->tape->op_count + 1;
    const gd_status status = gd_grow(&l->tape->ops, &l->op_capacity, needed, &ops, l->error);
    return status == GD_OK ? gd_grow(&l->op_versions, &l->version_capacity, needed, &versions, l->error)
                           : status;
}

/* Counts the pads between the regions of the tensors that the forward operation reads and writes; the picture
 * is a tensor of its own, of which all or the focus is there. */
static void place_op(const gd_tape *tape, gd_op *op, int32_t sign)
{
    gd_tensor read = {0}, written = {0};
    const bool last = op->kind == GD_OP_OUTPUT, convolves = gd_convolves_picture(op);
    const bool back = op->kind == GD_OP_CONV_BACK || op->kind == GD_OP_MAX_POOL_BACK ||
                      op->kind == GD_OP_AVG_POOL_BACK || op->kind == GD_OP_LRN_BACK || (last && convolves);
    if (op->src.channels > 0)
        *(back ? &written : &read) = tape->tensors[op->src.tensor];
    if (op->dst.channels > 0)
        *(back ? &read : &written) = tape->tensors[op->dst.tensor];
    if (last) {
        gd_tensor *picture = convolves ? &read : &written;
        picture->row = (int32_t)tape->focus.y;
        picture->col = (int32_t)tape->focus.x;
    } else if (op->src.channels == 0 ? op->kind != GD_OP_INPUT : op->dst.channels == 0) {
        return; /* seeds and masks: one tensor */
    }
    const int32_t stride = last && !convolves ? 1 : op->stride;
    op->pad_rows += sign * (read.row - written.row * stride);
    op->pad_cols += sign * (read.col - written.col * stride);
}

gd_op gd_lower_forward_op(const gd_lowering *l, int32_t index)
{
    gd_op op = l->tape->ops[index];
    place_op(l->tape, &op, -1);
    return op;
}

gd_status gd_lower_op(gd_lowering *l, const gd_op *op, gd_op_versions versions)
{
    const gd_status status = grow_ops(l);
    if (status != GD_OK)
        return status;
    l->op_versions[l->tape->op_count] = versions;
    l->tape->ops[l->tape->op_count] = *op;
    place_op(l->tape, &l->tape->ops[l->tape->op_count++], 1);
    return GD_OK;
}

gd_status gd_lowering_allocate(gd_lowering *l)
{
    const size_t nodes = (size_t)l->net->node_count;
    l->nodes = calloc(nodes, sizeof *l->nodes);
    l->buffers = calloc(nodes * 2, sizeof *l->buffers);
    l->versions = calloc(nodes * 2, sizeof *l->versions);
    l->masks = calloc(nodes, sizeof *l->masks);
    l->tape->filters = calloc(nodes, sizeof *l->tape->filters);
    return l->nodes && l->buffers && l->versions && l->masks && l->tape->filters ? GD_OK
                                                                                 : gd_lower_no_memory(l);
}

void gd_lowering_clear(gd_lowering *l)
{
    for (int32_t b = 0; b < l->buffer_count; b++)
        free(l->buffers[b].written);
    free(l->nodes);
    free(l->buffers);
    free(l->versions);
    free(l->masks);
    free(l->op_versions);
}
