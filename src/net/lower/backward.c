/* Emits the backward pass: the forward operations in reverse. The first writer of a gradient overwrites, the
 * others add, and the last one applies the mask. */
#include "net/lower/backward.h"

#include "base/minmax.h"
#include "net/objective.h"

#include <stdlib.h>

static gd_buffer *buffer_of(const gd_lowering *l, int32_t version)
{
    return &l->buffers[l->versions[version].buffer];
}

/* The first channel in [channel, end) whose state is `written`, or end. */
static int32_t find_state(const gd_buffer *buffer, int32_t channel, int32_t end, bool written)
{
    while (channel < end && buffer->written[channel] != written)
        channel++;
    return channel;
}

static gd_status emit_seed(gd_lowering *l, int32_t version, int32_t channel, int32_t channels, double value,
                           bool accumulate)
{
    const gd_op op = {.kind = GD_OP_SEED,
                      .dst = {buffer_of(l, version)->gradient, channel, channels},
                      .filter = -1,
                      .accumulate = accumulate,
                      .value = value};
    return gd_lower_op(l, &op, (gd_op_versions){-1, version});
}

/* Prepares the gradient of channels [channel, end) for another writer. If none of them has been written, it
 * overwrites; otherwise it accumulates, and unwritten channels are set to zero first. */
static gd_status prepare(gd_lowering *l, int32_t version, int32_t channel, int32_t end, bool *accumulate)
{
    gd_buffer *buffer = buffer_of(l, version);
    gd_status status = GD_OK;
    if (buffer->gradient < 0)
        status = gd_lower_tensor(l, GD_TENSOR_VALUES, buffer->node, &buffer->back, buffer->channels,
                                 &buffer->gradient);
    *accumulate = find_state(buffer, channel, end, true) < end;
    int32_t gap = *accumulate ? find_state(buffer, channel, end, false) : end;
    while (gap < end && status == GD_OK) {
        const int32_t gap_end = find_state(buffer, gap, end, true);
        status = emit_seed(l, version, gap, gap_end - gap, 0, false);
        gap = find_state(buffer, gap_end, end, false);
    }
    for (int32_t c = channel; c < end; c++)
        buffer->written[c] = true;
    return status;
}

/* The seed of a channel: the sum over the objective's terms of this measure that contain it. */
typedef struct seed {
    bool seeded;
    bool chosen; /* a term weights channels by themselves: they need factors */
    double value;
} seed;

static seed seed_of(const gd_lowering *l, int32_t version, int32_t channel, gd_measure measure)
{
    seed made = {0};
    for (int32_t t = 0; t < l->objective->count; t++) {
        const gd_term *term = &l->objective->terms[t];
        const gd_lower_node *node = &l->nodes[term->node];
        const int32_t at = channel - node->channel;
        if (term->measure != measure || node->version != version || at < 0 ||
            at >= l->net->nodes[term->node].channels)
            continue;
        made.value += gd_term_factor(l->objective, term, at, l->term_units[t]);
        made.seeded = true;
        made.chosen = made.chosen || term->run_count > 0 || term->guide > 0;
    }
    return made;
}

static bool same_seed(const seed *a, const seed *b)
{
    return a->seeded == b->seeded && a->chosen == b->chosen && (a->chosen || a->value == b->value);
}

/* Appends the factors of channels to the tape's, for `op`. */
static gd_status add_factors(gd_lowering *l, int32_t version, gd_measure measure, gd_op *op)
{
    op->by_channel = true;
    op->factors = l->tape->factor_count;
    const gd_status status = gd_lower_factors(l, op->dst.channels);
    for (int32_t c = 0; c < op->dst.channels && status == GD_OK; c++)
        l->tape->factors[op->factors + c] = seed_of(l, version, op->dst.channel + c, measure).value;
    return status;
}

/* Seeds the channels [channel, end), which have the same seed. */
static gd_status emit_run(gd_lowering *l, int32_t version, int32_t channel, int32_t end, gd_measure measure)
{
    const seed first = seed_of(l, version, channel, measure);
    gd_op op = {.kind = GD_OP_SEED, .filter = -1, .value = first.value};
    gd_status status = prepare(l, version, channel, end, &op.accumulate);
    op.dst = (gd_slice){buffer_of(l, version)->gradient, channel, end - channel};
    if (measure == GD_MEASURE_L2) {
        op.src = (gd_slice){buffer_of(l, version)->values, channel, end - channel};
        op.stride = 1;
    }
    if (status == GD_OK && first.chosen)
        status = add_factors(l, version, measure, &op);
    return status == GD_OK ? gd_lower_op(l, &op, (gd_op_versions){-1, version}) : status;
}

/* Emits one seed for each run of channels with the same one. */
static gd_status emit_seeds(gd_lowering *l, int32_t version, gd_measure measure)
{
    const int32_t channels = buffer_of(l, version)->channels;
    gd_status status = GD_OK;
    for (int32_t channel = 0, end; channel < channels && status == GD_OK; channel = end) {
        const seed first = seed_of(l, version, channel, measure);
        for (end = channel + 1; end < channels; end++) {
            const seed next = seed_of(l, version, end, measure);
            if (!same_seed(&first, &next))
                break;
        }
        if (first.seeded)
            status = emit_run(l, version, channel, end, measure);
    }
    return status;
}

/* Seeds the layer of a term that is matched. */
static gd_status emit_match(gd_lowering *l, const gd_term *term, double units)
{
    const gd_lower_node *node = &l->nodes[term->node];
    const gd_buffer *buffer = buffer_of(l, node->version);
    const int32_t channels = l->net->nodes[term->node].channels;
    gd_op op = {.kind = GD_OP_MATCH,
                .filter = -1,
                .stride = 1,
                .value = gd_term_factor(l->objective, term, 0, units),
                .by_channel = term->run_count > 0,
                .factors = l->tape->factor_count,
                .match = l->objective->matches ? &l->objective->matches[term->guide - 1] : NULL};
    gd_status status = prepare(l, node->version, node->channel, node->channel + channels, &op.accumulate);
    op.src = (gd_slice){buffer->values, node->channel, channels};
    op.dst = (gd_slice){buffer->gradient, node->channel, channels};
    if (status == GD_OK && op.by_channel)
        status = gd_lower_factors(l, channels);
    for (int32_t c = 0; c < channels && op.by_channel && status == GD_OK; c++)
        l->tape->factors[op.factors + c] = gd_term_factor(l->objective, term, c, units);
    return status == GD_OK ? gd_lower_op(l, &op, (gd_op_versions){-1, node->version}) : status;
}

static gd_status emit_matches(gd_lowering *l, int32_t version)
{
    gd_status status = GD_OK;
    for (int32_t t = 0; t < l->objective->count && status == GD_OK; t++) {
        const gd_term *term = &l->objective->terms[t];
        if (term->measure == GD_MEASURE_MATCH && l->nodes[term->node].version == version)
            status = emit_match(l, term, l->term_units[t]);
    }
    return status;
}

/* A gradient that has no summand yet and is the same everywhere: the seams that read it take the value. */
static bool needs_no_gradient(gd_lowering *l, int32_t version)
{
    const gd_buffer *buffer = buffer_of(l, version);
    if (!l->versions[version].gathered || buffer->gradient >= 0)
        return false;
    const seed first = seed_of(l, version, 0, GD_MEASURE_MEAN);
    bool same = first.seeded && !first.chosen;
    for (int32_t c = 0; c < buffer->channels && same; c++) {
        const seed next = seed_of(l, version, c, GD_MEASURE_MEAN);
        same = same_seed(&first, &next) && !seed_of(l, version, c, GD_MEASURE_L2).seeded &&
               !seed_of(l, version, c, GD_MEASURE_MATCH).seeded;
    }
    l->versions[version].seed = first.value;
    return same;
}

/* How the mask is applied to a channel's summed gradient. */
typedef enum masking { BY_EARLIER, BY_WRITER, BY_ITSELF, BY_READER } masking;

/* Whether a seam gathers the gradient of what the forward operation wrote, and masks it. */
static bool is_gathered(const gd_lowering *l, const gd_op *forward)
{
    return forward->kind == GD_OP_SEAM || (l->options.dense && forward->kind == GD_OP_AVG_POOL);
}

/* So does the last operation with what it reads. */
static bool masked_when_read(const gd_lowering *l, const gd_op *forward)
{
    return is_gathered(l, forward) || gd_convolves_picture(forward);
}

/* Leaves those channels of the run out that are masked when they are read. */
static void leave_to_readers(const gd_lowering *l, const gd_mask_run *run, masking *state)
{
    for (int32_t o = 0; o < l->tape->first_backward; o++) {
        const gd_op *op = &l->tape->ops[o];
        if (l->op_versions[o].dst != run->version || !masked_when_read(l, op))
            continue;
        const int32_t first = gd_max_i32(op->dst.channel - run->channel, 0);
        const int32_t end = gd_min_i32(op->dst.channel + op->dst.channels - run->channel, run->channels);
        for (int32_t c = first; c < end; c++)
            state[c] = BY_READER;
    }
}

static bool needs_operation(masking state)
{
    return state == BY_EARLIER || state == BY_ITSELF;
}

/* Makes `op` mask the channels of the run that it writes, if it is the last writer of one of them. If it
 * already has another mask, those channels get a separate operation. */
static void offer_mask(gd_op *op, const gd_mask_run *run, masking *state)
{
    const int32_t first = gd_max_i32(op->dst.channel, run->channel) - run->channel;
    const int32_t end =
        gd_min_i32(op->dst.channel + op->dst.channels, run->channel + run->channels) - run->channel;
    const bool busy = op->mask.channels > 0;
    bool last = false;
    for (int32_t c = first; c < end; c++) {
        if (state[c] == BY_EARLIER) {
            state[c] = busy ? BY_ITSELF : BY_WRITER;
            last = true;
        }
    }
    if (last && !busy) {
        op->mask = (gd_slice){run->tensor, first, end - first};
        op->mask_at = run->channel + first - op->dst.channel;
    }
}

static gd_status emit_mask(gd_lowering *l, const gd_mask_run *run, int32_t first, int32_t channels)
{
    const gd_op op = {.kind = GD_OP_MASK,
                      .dst = {buffer_of(l, run->version)->gradient, run->channel + first, channels},
                      .mask = {run->tensor, first, channels},
                      .filter = -1};
    return gd_lower_op(l, &op, (gd_op_versions){-1, -1});
}

/* Goes through the writers of the run's version, last to first. A writer that is the last one of some channel
 * masks all channels of the run that it writes; masking a channel before a later masked sum changes nothing.
 * Channels that no writer can mask get a separate operation. */
static gd_status apply_run(gd_lowering *l, const gd_mask_run *run)
{
    masking state[run->channels];
    for (int32_t c = 0; c < run->channels; c++)
        state[c] = BY_EARLIER;
    leave_to_readers(l, run, state);
    for (int32_t o = l->tape->op_count - 1; o >= l->tape->first_backward; o--) {
        if (l->op_versions[o].dst == run->version)
            offer_mask(&l->tape->ops[o], run, state);
    }
    gd_status status = GD_OK;
    for (int32_t c = 0, end; c < run->channels && status == GD_OK; c = end) {
        for (end = c + 1; end < run->channels && needs_operation(state[end]) == needs_operation(state[c]);)
            end++;
        if (needs_operation(state[c]))
            status = emit_mask(l, run, c, end - c);
    }
    return status;
}

/* Called when all readers of a version have added their gradients. */
static gd_status complete(gd_lowering *l, int32_t version)
{
    if (l->versions[version].complete)
        return GD_OK;
    l->versions[version].complete = true;
    gd_status status = GD_OK;
    const bool none = needs_no_gradient(l, version);
    for (int32_t m = 0; m < GD_MEASURE_MATCH && status == GD_OK && !none; m++)
        status = emit_seeds(l, version, (gd_measure)m);
    if (status == GD_OK)
        status = emit_matches(l, version);
    for (int32_t m = 0; m < l->mask_count && status == GD_OK; m++) {
        if (l->masks[m].version == version)
            status = apply_run(l, &l->masks[m]);
    }
    return status;
}

static gd_op_kind kind_back(gd_op_kind kind)
{
    switch (kind) {
    case GD_OP_CONV:
        return GD_OP_CONV_BACK;
    case GD_OP_MAX_POOL:
        return GD_OP_MAX_POOL_BACK;
    case GD_OP_AVG_POOL:
        return GD_OP_AVG_POOL_BACK;
    case GD_OP_LRN:
        return GD_OP_LRN_BACK;
    default:
        return kind;
    }
}

static gd_status emit_output(gd_lowering *l, const gd_op *input, int32_t version)
{
    gd_op op = *input; /* with a filter, it is transposed */
    op.kind = GD_OP_OUTPUT;
    op.src = (gd_slice){buffer_of(l, version)->gradient, input->dst.channel, input->dst.channels};
    op.dst = (gd_slice){0};
    op.relu = false;
    return gd_lower_op(l, &op, (gd_op_versions){version, -1});
}

/* dst = the gradient of what `forward` wrote, summed and masked. */
static gd_status emit_gather(gd_lowering *l, const gd_op *forward, gd_op_versions versions, gd_slice dst)
{
    const gd_buffer *buffer = buffer_of(l, versions.src);
    gd_op op = {.kind = GD_OP_SEAM_BACK, .dst = dst, .mask = forward->mask, .filter = -1, .stride = 1};
    op.src = (gd_slice){buffer->gradient, forward->dst.channel, forward->dst.channels};
    if (buffer->gradient < 0)
        op.src = (gd_slice){0};
    op.value = buffer->gradient < 0 ? l->versions[versions.src].seed : 0;
    for (int32_t i = 0; i < buffer->more_count; i++)
        op.more[i] = (gd_slice){buffer->more[i], op.src.channel, op.src.channels};
    return gd_lower_op(l, &op, versions);
}

/* Each channel of a raw result has one reader, so that its gradient has one summand. */
static gd_status emit_seam_back(gd_lowering *l, const gd_op *forward, gd_op_versions versions)
{
    bool accumulate;
    const gd_slice read = forward->src;
    const gd_status status =
        prepare(l, versions.src, read.channel, read.channel + read.channels, &accumulate);
    if (status != GD_OK)
        return status;
    if (accumulate)
        return gd_fail(l->error, GD_INTERNAL, "Channel %d of a convolution's result is read twice.",
                       read.channel);
    return emit_gather(l, forward, (gd_op_versions){versions.dst, versions.src},
                       (gd_slice){buffer_of(l, versions.src)->gradient, read.channel, read.channels});
}

/* In dense tapes an average pool's gradient is gathered to a tensor of its own if it has to be summed or
 * masked. */
static gd_status gather_mean(gd_lowering *l, const gd_op *forward, int32_t version, gd_slice *gradient)
{
    const gd_buffer *buffer = buffer_of(l, version);
    if (!l->options.dense ||
        (forward->mask.channels == 0 && buffer->more_count == 0 && buffer->gradient >= 0))
        return GD_OK;
    const gd_status status = gd_lower_tensor(l, GD_TENSOR_VALUES, buffer->node, &buffer->back,
                                             forward->dst.channels, &gradient->tensor);
    gradient->channel = 0;
    return status == GD_OK ? emit_gather(l, forward, (gd_op_versions){version, -1}, *gradient) : status;
}

/* Whether another summand can get a tensor of its own, which the seams add when they read: a sum in place
 * would be read and written once more. */
static bool stays_apart(const gd_lowering *l, int32_t version, gd_slice read)
{
    const gd_buffer *buffer = buffer_of(l, version);
    return l->versions[version].gathered && buffer->gradient >= 0 && read.channels == buffer->channels &&
           find_state(buffer, 0, buffer->channels, false) == buffer->channels &&
           buffer->more_count < GD_SUMMANDS_MORE;
}

/* Where `op` writes the gradient of `read`. */
static gd_status place_gradient(gd_lowering *l, int32_t version, gd_slice read, gd_op *op)
{
    gd_buffer *buffer = buffer_of(l, version);
    op->dst = (gd_slice){0, read.channel, read.channels};
    if (op->kind == GD_OP_CONV_BACK && stays_apart(l, version, read)) {
        const gd_status status = gd_lower_tensor(l, GD_TENSOR_VALUES, buffer->node, &buffer->back,
                                                 buffer->channels, &op->dst.tensor);
        op->accumulate = false;
        buffer->more[buffer->more_count++] = op->dst.tensor;
        return status;
    }
    const gd_status status = prepare(l, version, read.channel, read.channel + read.channels, &op->accumulate);
    op->dst.tensor = buffer->gradient;
    return status;
}

/* A residual sum in place needs no operation for x: its gradient is the first summand of x's. */
static gd_status emit_back(gd_lowering *l, int32_t forward)
{
    gd_op op = gd_lower_forward_op(l, forward); /* a copy: emitting moves the list */
    const gd_op_versions versions = l->op_versions[forward];
    if (versions.dst < 0) /* a mask alone */
        return GD_OK;
    gd_status status = complete(l, versions.dst);
    if (status != GD_OK)
        return status;
    if (op.kind == GD_OP_INPUT)
        return emit_output(l, &op, versions.dst);
    if (op.kind == GD_OP_SEAM)
        return emit_seam_back(l, &op, versions);
    const gd_slice read = op.src;
    gd_slice gradient = {buffer_of(l, versions.dst)->gradient, op.dst.channel, op.dst.channels};
    if (op.kind == GD_OP_AVG_POOL)
        status = gather_mean(l, &op, versions.dst, &gradient);
    if (status != GD_OK)
        return status;
    op.kind = kind_back(op.kind);
    if (op.kind == GD_OP_LRN_BACK)
        op.kept = read;
    op.src = gradient;
    op.mask = (gd_slice){0};
    op.relu = false;
    status = place_gradient(l, versions.src, read, &op);
    return status == GD_OK ? gd_lower_op(l, &op, (gd_op_versions){versions.dst, versions.src}) : status;
}

/* Gradients that seams and average pools alone read. */
static void find_gathered(gd_lowering *l)
{
    for (int32_t v = 0; v < l->version_count; v++)
        l->versions[v].gathered = l->options.dense;
    for (int32_t o = 0; o < l->tape->first_backward; o++)
        if (!is_gathered(l, &l->tape->ops[o]))
            l->versions[l->op_versions[o].dst].gathered = false;
}

gd_status gd_lower_backward(gd_lowering *l)
{
    gd_status status = GD_OK;
    find_gathered(l);
    for (int32_t t = 0; t < l->objective->count; t++)
        l->term_units[t] =
            gd_term_units(l->net, l->objective, &l->objective->terms[t], l->tape->rows, l->tape->cols);
    for (int32_t o = l->tape->first_backward - 1; o >= 0 && status == GD_OK; o--)
        status = emit_back(l, o);
    return status;
}
