/* Lowers a network to a tape by running the passes in order. Invariants after each pass:
 *
 * 1. survey: every needed node knows its readers; a node is an input of at most one concat; a residual adds a
 * convolution that nothing else reads.
 * 2. rewrite: an average pool moves behind its 1x1 convolution only if no other node reads it; convolutions
 * merge only when they read the same input and write no part of a concat.
 * 3. regions: what an operation reads lies in the region of the node that it reads, or outside of all units
 * of that node; nodes that share a tensor share their regions.
 * 4. buffers: every needed node, except skipped pools and pictures and branches of residuals, has a version
 * and a channel range in it; the parts of a concat lie in the concat's version, so that concatenating copies
 * nothing.
 * 5. forward: each channel of a version is written by one operation, before its first reader. A residual in
 * place writes a new version of its buffer, and no operation reads the old version's values afterwards.
 * 6. backward, unless the way forward alone is wanted: the forward operations in reverse. The first writer of
 * a gradient channel overwrites, the others add, and the last one applies the ReLU's mask; a gradient is read
 * only once it is complete.
 * 7. lifetimes: a tensor lives from the first operation that names it to the last; the memory plan relies on
 * it. */
#include "net/lower/lower.h"

#include "net/lower/backward.h"
#include "net/lower/buffers.h"
#include "net/lower/forward.h"
#include "net/lower/lifetimes.h"
#include "net/lower/regions.h"
#include "net/lower/survey.h"
#include "net/objective.h"

#include <stdlib.h>
#include <string.h>

static gd_status run_passes(gd_lowering *l)
{
    gd_status status = gd_lowering_allocate(l);
    if (status == GD_OK)
        status = gd_lower_survey(l);
    if (status != GD_OK)
        return status;
    gd_lower_rewrite(l);
    status = gd_lower_regions(l);
    if (status == GD_OK)
        status = gd_lower_buffers(l);
    if (status == GD_OK)
        status = gd_lower_forward(l);
    if (status == GD_OK)
        status = l->options.forward ? gd_lower_results(l) : gd_lower_backward(l);
    if (status == GD_OK)
        gd_lower_lifetimes(l->tape);
    return status;
}

static bool has_normalization(const gd_net *net)
{
    for (int32_t n = 0; n < net->node_count; n++)
        if (net->nodes[n].kind == GD_NODE_LRN)
            return true;
    return false;
}

gd_status gd_tape_lower(const gd_net *net, const gd_objective *objective, int32_t rows, int32_t cols,
                        const gd_lower_options *options, gd_tape **tape, gd_error *error)
{
    *tape = NULL;
    if (rows < net->smallest_input || cols < net->smallest_input)
        return gd_fail(
            error, GD_USAGE,
            "A window of %d x %d pixels is too small for %s, which needs at least %d on each axis.", cols,
            rows, net->title, net->smallest_input);
    if (objective->count < 1)
        return gd_fail(error, GD_INTERNAL, "The objective has no terms.");
    gd_lowering l = {.net = net, .objective = objective, .error = error};
    l.tape = calloc(1, sizeof *l.tape);
    if (!l.tape)
        return gd_no_memory(error, "lowering %s", net->title);
    if (options)
        l.options = *options;
    l.options.dense = l.options.dense && !has_normalization(net); /* not tested together yet */
    l.tape->rows = rows;
    l.tape->cols = cols;
    memcpy(l.tape->shift, net->shift, sizeof l.tape->shift);
    l.tape->focus = gd_rect_empty(l.options.focus) ? (gd_rect){0, 0, rows, cols} : l.options.focus;
    const gd_status status = run_passes(&l);
    gd_lowering_clear(&l);
    if (status == GD_OK)
        *tape = l.tape;
    else
        gd_tape_free(l.tape);
    return status;
}
