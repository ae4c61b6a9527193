/* Finds the units that the gradient of the focus needs, an interval of each node along each axis.
 *
 * Back, a unit is needed if its field meets the focus: a node's gradient is needed where its field meets what
 * is needed of the gradient of a node that it reads. Forward, a unit is needed if its own mask or winner is
 * (where its gradient is), or if a needed unit of another node reads it. Both are intervals that are dilated
 * through kernels, strides and padding, and cut to the units that the window has.
 *
 * 1. Nodes that share a tensor (concats with their parts, merged convolutions) share the hull of their
 * intervals.
 * 2. An average pool that moves behind its 1x1 convolution changes places with it: the convolution's node
 * stands for the mean, and the pool's for the convolution's own result.
 * 3. Sharing widens intervals that others were found from, so that the walk is repeated until nothing
 * changes. Intervals only grow and are bounded by the window. */
#include "net/lower/regions.h"

#include "base/minmax.h"

#include <stdlib.h>

/* One axis of the search. */
typedef struct search {
    const gd_lowering *l;
    bool along_rows;
    gd_interval *back, *forth; /* owned; [node_count] */
} search;

static int32_t extent_of(const search *s, int32_t n)
{
    return s->along_rows ? s->l->nodes[n].rows : s->l->nodes[n].cols;
}

/* What a node does along the axis: unit y reads [y * stride - pad, y * stride - pad + kernel) of its inputs.
 */
typedef struct taps {
    int32_t kernel, stride, pad;
} taps;

static taps taps_of(const search *s, int32_t n)
{
    const gd_lower_node *state = &s->l->nodes[n];
    const gd_node *node = &s->l->net->nodes[state->moved ? s->l->net->nodes[n].inputs[0] : n];
    const int32_t kernel = s->along_rows ? node->kernel_rows : node->kernel_cols;
    if (state->skipped || kernel == 0)
        return (taps){1, 1, 0};
    return (taps){kernel, node->stride, gd_lower_padding(node, s->along_rows)};
}

/* Cut to [0, extent), and at least one unit: where no field meets the focus, a neighbour stands for it. */
static gd_interval cut(gd_interval i, int32_t extent)
{
    i.begin = gd_min_i32(gd_max_i32(i.begin, 0), extent - 1);
    i.end = gd_max_i32(gd_min_i32(i.end, extent), i.begin + 1);
    return i;
}

static int32_t divide_up(int32_t a, int32_t b)
{
    return a > 0 ? (a + b - 1) / b : -(-a / b);
}

/* The units that read some of `read`. */
static gd_interval readers_of(gd_interval read, taps t)
{
    return (gd_interval){divide_up(read.begin + t.pad - t.kernel + 1, t.stride),
                         divide_up(read.end + t.pad, t.stride)};
}

/* The units that `readers` read. */
static gd_interval read_by(gd_interval readers, taps t)
{
    return (gd_interval){readers.begin * t.stride - t.pad, (readers.end - 1) * t.stride - t.pad + t.kernel};
}

/* Widens *to by `more`; true when that changes it. */
static bool widen(gd_interval *to, gd_interval more)
{
    const gd_interval wide = gd_interval_hull(*to, more);
    const bool changed = wide.begin != to->begin || wide.end != to->end;
    *to = wide;
    return changed;
}

/* The node whose tensor holds a node's result: the outermost concat, or the first of merged convolutions,
 * which have tensors of their own in dense tapes. */
static int32_t holder_of(const search *s, int32_t n)
{
    while (s->l->nodes[n].owner >= 0)
        n = s->l->nodes[n].owner;
    return s->l->options.dense ? n : s->l->nodes[n].leader;
}

/* The hull of a holder and all that it holds, which all of them get. */
static bool share(const search *s, gd_interval *intervals, int32_t n)
{
    const int32_t holder = holder_of(s, n);
    const bool wider = widen(&intervals[holder], intervals[n]);
    return widen(&intervals[n], intervals[holder]) || wider;
}

/* Visits the needed nodes once, forward; true when an interval changed. */
static bool widen_back(const search *s)
{
    bool changed = false;
    for (int32_t n = 0; n < s->l->net->node_count; n++) {
        const gd_node *node = &s->l->net->nodes[n];
        if (!s->l->nodes[n].needed)
            continue;
        for (int32_t i = 0; i < node->input_count; i++) {
            const gd_interval over = readers_of(s->back[node->inputs[i]], taps_of(s, n));
            changed = widen(&s->back[n], cut(over, extent_of(s, n))) || changed;
        }
        changed = share(s, s->back, n) || changed;
    }
    return changed;
}

/* Whether the way back needs the node's values, for a mask, for winners, for a term of its own, or what a
 * normalization read. A moved convolution's ReLU is that of its pool, which it stands for. */
static bool is_judged(const search *s, int32_t n)
{
    const gd_node *node = &s->l->net->nodes[n];
    return !s->l->nodes[n].skipped &&
           (s->l->nodes[n].kept || node->relu || node->kind == GD_NODE_MAX_POOL || node->kind == GD_NODE_LRN);
}

/* Visits the needed nodes once, back; true when an interval changed. Values that nobody needs are those of
 * one unit. */
static bool widen_forth(const search *s)
{
    bool changed = false;
    for (int32_t n = s->l->net->node_count - 1; n >= 0; n--) {
        const gd_node *node = &s->l->net->nodes[n];
        if (!s->l->nodes[n].needed)
            continue;
        if (is_judged(s, n))
            changed = widen(&s->forth[n], s->back[n]) || changed;
        if (s->forth[n].begin >= s->forth[n].end)
            changed = widen(&s->forth[n], (gd_interval){s->back[n].begin, s->back[n].begin + 1});
        changed = share(s, s->forth, n) || changed;
        for (int32_t i = 0; i < node->input_count; i++) {
            const gd_interval under = read_by(s->forth[n], taps_of(s, n));
            changed = widen(&s->forth[node->inputs[i]], cut(under, extent_of(s, node->inputs[i]))) || changed;
        }
    }
    return changed;
}

/* Everything that the window has: what a focus on all of an axis needs, but for a few last units that nobody
 * reads. */
static void take_all(const search *s)
{
    for (int32_t n = 0; n < s->l->net->node_count; n++)
        s->back[n] = s->forth[n] = (gd_interval){0, extent_of(s, n)};
}

static void find(const search *s, gd_interval focus)
{
    for (int32_t n = 0; n < s->l->net->node_count; n++)
        if (s->l->net->nodes[n].kind == GD_NODE_INPUT)
            s->back[n] = focus;
    while (widen_back(s))
        ;
    while (widen_forth(s))
        ;
}

static gd_status find_axis(gd_lowering *l, bool along_rows, gd_interval focus)
{
    const size_t count = (size_t)l->net->node_count;
    const int32_t pixels = along_rows ? l->tape->rows : l->tape->cols;
    search s = {.l = l, .along_rows = along_rows};
    s.back = calloc(count, sizeof *s.back);
    s.forth = calloc(count, sizeof *s.forth);
    const bool made = s.back && s.forth;
    if (made && (l->options.no_shrink || (focus.begin == 0 && focus.end == pixels)))
        take_all(&s);
    else if (made)
        find(&s, focus);
    for (size_t n = 0; made && n < count; n++) {
        *(along_rows ? &l->nodes[n].gradient.rows : &l->nodes[n].gradient.cols) = s.back[n];
        *(along_rows ? &l->nodes[n].values.rows : &l->nodes[n].values.cols) = s.forth[n];
    }
    free(s.back);
    free(s.forth);
    return made ? GD_OK : gd_lower_no_memory(l);
}

/* All inputs of a node have the same extents, so the first one is enough. */
static void set_extents(gd_lowering *l)
{
    for (int32_t n = 0; n < l->net->node_count; n++) {
        const gd_node *node = &l->net->nodes[n];
        const gd_lower_node *input = node->input_count > 0 ? &l->nodes[node->inputs[0]] : NULL;
        l->nodes[n].rows = gd_node_extent(node, input ? input->rows : l->tape->rows, true);
        l->nodes[n].cols = gd_node_extent(node, input ? input->cols : l->tape->cols, false);
    }
}

gd_status gd_lower_regions(gd_lowering *l)
{
    const gd_rect f = l->tape->focus;
    if (f.y < 0 || f.x < 0 || f.y + f.rows > l->tape->rows || f.x + f.cols > l->tape->cols)
        return gd_fail(l->error, GD_INTERNAL,
                       "The focus, %lld x %lld pixels at (%lld, %lld), is not in the window of %d x %d.",
                       (long long)f.cols, (long long)f.rows, (long long)f.x, (long long)f.y, l->tape->cols,
                       l->tape->rows);
    set_extents(l);
    const gd_status status = find_axis(l, true, (gd_interval){(int32_t)f.y, (int32_t)(f.y + f.rows)});
    return status == GD_OK ? find_axis(l, false, (gd_interval){(int32_t)f.x, (int32_t)(f.x + f.cols)})
                           : status;
}
