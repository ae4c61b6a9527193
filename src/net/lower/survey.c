/* First pass of the lowering: finds the needed nodes, and decides which pools move behind convolutions and
 * which convolutions are merged. */
#include "net/lower/survey.h"

#include "net/objective.h"

static void count_readers(gd_lowering *l, int32_t reader)
{
    const gd_node *node = &l->net->nodes[reader];
    for (int32_t i = 0; i < node->input_count; i++) {
        gd_lower_node *input = &l->nodes[node->inputs[i]];
        input->readers++;
        input->last_reader = reader;
    }
}

/* A concat owns its inputs: they are written directly into its tensor. */
static gd_status claim_parts(gd_lowering *l, int32_t concat)
{
    const gd_node *node = &l->net->nodes[concat];
    for (int32_t i = 0; i < node->input_count; i++) {
        const int32_t part = node->inputs[i];
        if (l->nodes[part].owner >= 0 || l->net->nodes[part].kind == GD_NODE_INPUT)
            return gd_fail(l->error, GD_INTERNAL, "Node %d of %s cannot be a part of concat %d.", part,
                           l->net->title, concat);
        l->nodes[part].owner = concat;
    }
    return GD_OK;
}

/* A residual sum is computed as an epilogue of its convolution, whose result must have no other reader. */
static gd_status claim_branch(gd_lowering *l, int32_t residual)
{
    const int32_t branch = l->net->nodes[residual].inputs[1];
    const gd_node *conv = &l->net->nodes[branch];
    if (conv->kind != GD_NODE_CONV || conv->relu || l->nodes[branch].term || l->nodes[branch].readers != 1)
        return gd_fail(l->error, GD_INTERNAL,
                       "Node %d of %s adds something other than a convolution of its own.", residual,
                       l->net->title);
    l->nodes[branch].residual = residual;
    return GD_OK;
}

gd_status gd_lower_survey(gd_lowering *l)
{
    bool needed[l->net->node_count];
    gd_objective_needs(l->net, l->objective, needed);
    for (int32_t n = 0; n < l->net->node_count; n++)
        l->nodes[n] = (gd_lower_node){.needed = needed[n],
                                      .last_reader = -1,
                                      .owner = -1,
                                      .residual = -1,
                                      .leader = n,
                                      .version = -1,
                                      .raw = -1};
    for (int32_t t = 0; t < l->objective->count; t++) {
        gd_lower_node *node = &l->nodes[l->objective->terms[t].node];
        node->term = true;
        node->kept = node->kept || l->options.forward || l->objective->terms[t].measure != GD_MEASURE_MEAN;
    }
    for (int32_t n = 0; n < l->net->node_count; n++) {
        if (needed[n])
            count_readers(l, n);
    }
    gd_status status = GD_OK;
    for (int32_t n = 0; n < l->net->node_count && status == GD_OK; n++) {
        if (needed[n] && l->net->nodes[n].kind == GD_NODE_CONCAT)
            status = claim_parts(l, n);
        else if (needed[n] && l->net->nodes[n].kind == GD_NODE_RESIDUAL)
            status = claim_branch(l, n);
    }
    return status;
}

/* Moves an average pool behind its 1x1 convolution, where there are fewer channels. Both are linear, so they
 * commute. */
static void move_pool(gd_lowering *l, int32_t n)
{
    const gd_node *conv = &l->net->nodes[n];
    if (!l->nodes[n].needed || !gd_lower_pointwise(conv) || l->nodes[n].residual >= 0)
        return;
    const int32_t input = conv->inputs[0];
    if (l->net->nodes[input].kind != GD_NODE_AVG_POOL || l->nodes[input].readers != 1 ||
        l->nodes[input].term || l->nodes[input].owner >= 0 || conv->channels > l->net->nodes[input].channels)
        return;
    l->nodes[n].moved = true;
    l->nodes[input].skipped = true;
}

/* 1x1 convolutions with their own tensors can be merged. Those that write into a concat, or are followed by
 * an average pool, only in dense tapes: a common tensor needs a copy, which the seam makes anyway. */
static bool mergeable(const gd_lowering *l, int32_t n)
{
    const gd_lower_node *node = &l->nodes[n];
    return node->needed && gd_lower_pointwise(&l->net->nodes[n]) && node->residual < 0 &&
           (l->options.dense || (node->owner < 0 && !node->moved));
}

/* In dense tapes the ReLU is each part's own. */
static bool siblings(const gd_lowering *l, int32_t a, int32_t b)
{
    return gd_lower_source(l, a) == gd_lower_source(l, b) &&
           (l->options.dense || l->net->nodes[a].relu == l->net->nodes[b].relu);
}

/* Merged convolutions read their source once, and write its gradient once in the backward pass. The arena
 * does not grow (99.4 bytes a pixel with and without merging, V3, fp32), because its peak is in the stem,
 * where nothing is merged. */
static void merge_siblings(gd_lowering *l, int32_t leader)
{
    int32_t parts = 1;
    if (!mergeable(l, leader) || l->nodes[leader].leader != leader)
        return;
    for (int32_t n = leader + 1; n < l->net->node_count && parts < GD_FILTER_PARTS_MAX; n++) {
        if (mergeable(l, n) && l->nodes[n].leader == n && siblings(l, leader, n)) {
            l->nodes[n].leader = leader;
            parts++;
        }
    }
}

/* A unit gets a gradient only where it is a winner, and a winner that is zero is masked. */
static void find_judged(gd_lowering *l, int32_t n)
{
    gd_lower_node *node = &l->nodes[n];
    node->judged_by_pool = node->needed && l->net->nodes[n].kind == GD_NODE_CONV && l->net->nodes[n].relu &&
                           !node->moved && !node->term && node->owner < 0 && node->readers == 1 &&
                           l->net->nodes[node->last_reader].kind == GD_NODE_MAX_POOL;
}

/* A small convolution that alone reads the picture, and no padding, becomes a part of the first operation and
 * of the last: the picture then needs no tensor of its own. */
static void find_reader(gd_lowering *l, int32_t n)
{
    const gd_node *node = &l->net->nodes[n];
    gd_lower_node *picture = &l->nodes[node->inputs[0]];
    if (!l->nodes[n].needed || node->kind != GD_NODE_CONV || node->kernel_rows != GD_PICTURE_KERNEL ||
        node->kernel_cols != GD_PICTURE_KERNEL || node->stride != GD_PICTURE_STRIDE || node->same ||
        node->channels > GD_PICTURE_CHANNELS || !node->relu || l->nodes[n].owner >= 0 ||
        l->net->nodes[node->inputs[0]].kind != GD_NODE_INPUT || picture->readers != 1)
        return;
    l->nodes[n].reads_picture = true;
    picture->skipped = true;
}

void gd_lower_rewrite(gd_lowering *l)
{
    for (int32_t n = 0; n < l->net->node_count && l->options.dense; n++) {
        find_judged(l, n);
        find_reader(l, n);
    }
    for (int32_t n = 0; n < l->net->node_count && !l->options.no_pool_move; n++)
        move_pool(l, n);
    for (int32_t n = 0; n < l->net->node_count && !l->options.no_merge; n++)
        merge_siblings(l, n);
}
