/* A lower bound of all schedules of a tape's kernels, from what they read and write. */
#include "gpu_branches.h"

#include <math.h>
#include <stdlib.h>

/* A convolution's block computes a tile of results; one is on a multiprocessor at a time. Kernels of our own
 * have so many small blocks that their last wave does not matter. */
enum { TILE_PIXELS = 128, TILE_CHANNELS = 128 };

/* A launch: an operation, or a group of seams, and what follows it in a kernel of ours. */
typedef struct node {
    int32_t first, last; /* operations [first, last) */
    double work, waste;  /* seconds on a full GPU, and those of waves that are not full, with the launch */
    double longest;      /* seconds from the beginning of its part to its end */
} node;

typedef struct graph {
    const gd_tape *tape;
    node *nodes;   /* owned; [count] */
    bool *reaches; /* owned; [count, count]: the later one waits for the earlier one */
    int32_t count;
} graph;

typedef struct access {
    gd_slice slice;
    bool writes;
} access;

enum { ACCESSES_MAX = 8 };

static int32_t add(access accesses[ACCESSES_MAX], int32_t count, gd_slice slice, bool writes)
{
    if (slice.channels == 0)
        return count;
    accesses[count] = (access){slice, writes};
    return count + 1;
}

static int32_t accesses_of(const gd_tape *tape, int32_t o, access accesses[ACCESSES_MAX])
{
    const gd_op *op = &tape->ops[o];
    const bool forward = o < tape->first_backward;
    int32_t count = add(accesses, 0, op->src, false);
    for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
        count = add(accesses, count, op->more[i], false);
    count = add(accesses, count, op->dst, true);
    count = add(accesses, count, op->mask, forward);
    count = add(accesses, count, op->winner, forward);
    return add(accesses, count, op->kept, false);
}

static bool meet(const access *a, const access *b)
{
    return (a->writes || b->writes) && a->slice.tensor == b->slice.tensor &&
           a->slice.channel < b->slice.channel + b->slice.channels &&
           b->slice.channel < a->slice.channel + a->slice.channels;
}

static bool ops_meet(const gd_tape *tape, int32_t one, int32_t other)
{
    access a[ACCESSES_MAX], b[ACCESSES_MAX];
    const int32_t count = accesses_of(tape, one, a), others = accesses_of(tape, other, b);
    for (int32_t i = 0; i < count; i++)
        for (int32_t k = 0; k < others; k++)
            if (meet(&a[i], &b[k]))
                return true;
    return false;
}

static bool nodes_meet(const graph *g, const node *a, const node *b)
{
    for (int32_t i = a->first; i < a->last; i++)
        for (int32_t k = b->first; k < b->last; k++)
            if (ops_meet(g->tape, i, k))
                return true;
    return false;
}

/* Of blocks that fill the GPU in whole waves and one that is not full, the share that is empty, by what is
 * full. */
static double empty(double blocks, double at_a_time)
{
    const double waves = ceil(blocks) / at_a_time;
    return waves > 0 ? ceil(waves) / waves - 1 : 0;
}

static void add_op(const gd_tape *tape, int32_t o, const gd_gpu_kind *kind, const gpu_share *share, node *n)
{
    const gd_op *op = &tape->ops[o];
    const gd_tensor *to = &tape->tensors[op->dst.channels > 0 ? op->dst.tensor : op->src.tensor];
    const gpu_share full = {.flops = share->flops, .bytes = share->bytes};
    const gpu_cost all = gpu_cost_of(tape, op);
    gpu_cost waves = all;
    const double tiles =
        ceil((double)to->rows * to->cols / TILE_PIXELS) * ceil((double)op->dst.channels / TILE_CHANNELS);
    waves.flop *= 1 + empty(tiles, kind->processors); /* what has no FLOP to wait for moves bytes meanwhile */
    const double work = gpu_seconds(&all, kind, &full);
    n->work += work;
    n->waste += gpu_seconds(&waves, kind, &full) - work + gpu_launches(&all) * share->launch;
}

static void make_nodes(graph *g, const gd_gpu_kind *kind, const gpu_share *share)
{
    for (int32_t o = 0, first, last; o < g->tape->op_count; o = last) {
        node *n = &g->nodes[g->count++];
        gd_tape_group(g->tape, o, &first, &last);
        *n = (node){.first = o, .last = last};
        for (int32_t i = o; i < last; i++)
            add_op(g->tape, i, kind, share, n);
    }
}

static void find_waits(graph *g)
{
    for (int32_t late = 0; late < g->count; late++)
        for (int32_t early = late - 1; early >= 0; early--) {
            if (g->reaches[early * g->count + late] || !nodes_meet(g, &g->nodes[early], &g->nodes[late]))
                continue;
            g->reaches[early * g->count + late] = true;
            for (int32_t i = 0; i < early; i++)
                g->reaches[i * g->count + late] |= g->reaches[i * g->count + early];
        }
}

/* Whether nothing can run beside it. */
static bool is_serial(const graph *g, int32_t n)
{
    for (int32_t i = 0; i < g->count; i++)
        if (i != n && !g->reaches[(i < n ? i : n) * g->count + (i < n ? n : i)])
            return false;
    return true;
}

/* Of the nodes [first, last), between two that are serial. */
static double shortest(graph *g, int32_t first, int32_t last)
{
    double work = 0, chain = 0;
    for (int32_t n = first; n < last; n++) {
        double before = 0;
        for (int32_t i = first; i < n; i++)
            if (g->reaches[i * g->count + n])
                before = fmax(before, g->nodes[i].longest);
        g->nodes[n].longest = before + g->nodes[n].work + g->nodes[n].waste;
        chain = fmax(chain, g->nodes[n].longest);
        work += g->nodes[n].work;
    }
    return fmax(work, chain);
}

static void sum_up(graph *g, gpu_branches *b)
{
    int32_t begin = 0;
    *b = (gpu_branches){.operations = g->count};
    for (int32_t n = 0; n < g->count; n++) {
        b->plain += g->nodes[n].work;
        b->in_order += g->nodes[n].work + g->nodes[n].waste;
        if (!is_serial(g, n))
            continue;
        b->beside += shortest(g, begin, n) + g->nodes[n].work + g->nodes[n].waste;
        b->serial++;
        begin = n + 1;
    }
    b->beside += shortest(g, begin, g->count);
}

gd_status gpu_branches_of(const gd_tape *tape, const gd_gpu_kind *kind, const gpu_share *share,
                          gpu_branches *branches, gd_error *error)
{
    const size_t room = (size_t)tape->op_count;
    graph g = {.tape = tape, .nodes = calloc(room, sizeof *g.nodes)};
    g.reaches = calloc(room * room, sizeof *g.reaches);
    const bool made = g.nodes && g.reaches;
    if (made) {
        make_nodes(&g, kind, share);
        find_waits(&g);
        sum_up(&g, branches);
    }
    free(g.nodes);
    free(g.reaches);
    return made ? GD_OK : gd_no_memory(error, "the graph of a tape");
}
