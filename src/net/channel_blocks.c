/* Lays the channels of a tape's tensors out in blocks.
 *
 * 1. A tensor is cut where a slice of it begins or ends, and wherever a tensor is cut whose channels an
 * operation pairs with its own, one by one: masks, winners, both sides of a pool or copy, and both ways of a
 * filter. Cuts are passed on until there are no new ones.
 * 2. What lies between two cuts is filled up to whole blocks. So each slice is whole blocks, and paired
 * channels lie at the same distance from the beginnings of their slices.
 * 3. Channels of padding are written by every operation that writes the channels before them, which share
 * their block: they are never what the arena happened to hold. */
#include "net/channel_blocks.h"

#include <stdlib.h>
#include <string.h>

enum { PICTURE = 3 };

/* While the cuts are found. */
typedef struct cutting {
    const gd_tape *tape;
    bool **cuts; /* [tensor_count][channels + 1] */
    bool changed;
} cutting;

static void cut_at(cutting *c, int32_t tensor, int32_t channel)
{
    c->changed = c->changed || !c->cuts[tensor][channel];
    c->cuts[tensor][channel] = true;
}

static void cut_slice(cutting *c, gd_slice slice)
{
    if (slice.channels == 0)
        return;
    cut_at(c, slice.tensor, slice.channel);
    cut_at(c, slice.tensor, slice.channel + slice.channels);
}

/* The channels of both slices are the same ones. */
static void pair(cutting *c, gd_slice a, gd_slice b)
{
    if (a.channels == 0 || b.channels == 0)
        return;
    for (int32_t i = 0; i <= a.channels; i++) {
        if (c->cuts[a.tensor][a.channel + i])
            cut_at(c, b.tensor, b.channel + i);
        if (c->cuts[b.tensor][b.channel + i])
            cut_at(c, a.tensor, a.channel + i);
    }
}

static bool has_filter(const gd_op *op)
{
    return gd_is_convolution(op) || gd_convolves_picture(op);
}

static bool is_forward(const gd_op *op)
{
    return op->kind == GD_OP_CONV || op->kind == GD_OP_INPUT;
}

/* No channels: the picture, which is no tensor. */
static gd_slice input_of(const gd_op *op)
{
    return is_forward(op) ? op->src : op->dst;
}

static gd_slice output_of(const gd_op *op)
{
    return is_forward(op) ? op->dst : op->src;
}

static gd_slice masked_part(const gd_op *op)
{
    const gd_slice result = op->dst.channels > 0 ? op->dst : op->src;
    return (gd_slice){result.tensor, result.channel + op->mask_at, op->mask.channels};
}

static void cut_op(cutting *c, const gd_op *op, const gd_channel_blocks *blocks)
{
    cut_slice(c, op->src);
    cut_slice(c, op->dst);
    cut_slice(c, op->mask);
    cut_slice(c, op->winner);
    cut_slice(c, op->kept);
    for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++) {
        cut_slice(c, op->more[i]);
        pair(c, op->more[i], op->dst);
    }
    pair(c, op->kept, op->dst);
    pair(c, op->mask, masked_part(op));
    pair(c, op->winner, op->dst);
    if (has_filter(op)) {
        pair(c, input_of(op), blocks->inputs[op->filter]);
        pair(c, output_of(op), blocks->outputs[op->filter]);
    } else {
        pair(c, op->src, op->dst);
    }
}

/* Where the channels of a tensor lie. */
static void place_channels(const gd_tensor *tensor, const bool *cuts, int32_t block, int32_t *place)
{
    int32_t at = 0;
    if (tensor->channels == PICTURE)
        block = 1;
    for (int32_t channel = 0; channel <= tensor->channels; channel++, at++) {
        if (cuts[channel] || channel == tensor->channels)
            at = (at + block - 1) / block * block;
        place[channel] = at;
    }
}

static gd_slice placed(const gd_channel_blocks *blocks, gd_slice slice)
{
    if (slice.channels == 0)
        return slice;
    const int32_t *place = blocks->place[slice.tensor];
    const int32_t begin = place[slice.channel];
    return (gd_slice){slice.tensor, begin, place[slice.channel + slice.channels] - begin};
}

static void place_op(const gd_channel_blocks *blocks, const gd_op *op, gd_op *made)
{
    made->src = placed(blocks, op->src);
    made->dst = placed(blocks, op->dst);
    made->winner = placed(blocks, op->winner);
    made->kept = placed(blocks, op->kept);
    for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
        made->more[i] = placed(blocks, op->more[i]);
    made->mask = placed(blocks, op->mask);
    if (op->mask.channels > 0)
        made->mask_at =
            placed(blocks, masked_part(op)).channel - (op->dst.channels > 0 ? made->dst : made->src).channel;
}

/* The factors of a seed; those of padding are 0. */
static void place_factors(const gd_channel_blocks *blocks, const gd_tape *tape, const gd_op *op, gd_op *made)
{
    gd_tape *placed_tape = blocks->tape;
    made->factors = placed_tape->factor_count;
    for (int32_t c = 0; c < op->dst.channels; c++)
        placed_tape->factors[made->factors + gd_channel_place(blocks, op->dst, c)] =
            tape->factors[op->factors + c];
    placed_tape->factor_count += made->dst.channels;
}

static bool place_all(const gd_tape *tape, const gd_channel_blocks *blocks)
{
    int64_t factors = 0;
    for (int32_t t = 0; t < tape->tensor_count; t++)
        blocks->tape->tensors[t].channels = blocks->place[t][tape->tensors[t].channels];
    for (int32_t o = 0; o < tape->op_count; o++)
        place_op(blocks, &tape->ops[o], &blocks->tape->ops[o]);
    for (int32_t o = 0; o < tape->op_count; o++)
        factors += tape->ops[o].by_channel ? blocks->tape->ops[o].dst.channels : 0;
    blocks->tape->factor_count = 0;
    blocks->tape->factors = calloc((size_t)factors + 1, sizeof *blocks->tape->factors);
    for (int32_t o = 0; o < tape->op_count && blocks->tape->factors; o++)
        if (tape->ops[o].by_channel)
            place_factors(blocks, tape, &tape->ops[o], &blocks->tape->ops[o]);
    for (int32_t f = 0; f < tape->filter_count; f++) {
        if (blocks->outputs[f].channels == 0) /* of no operation */
            continue;
        if (blocks->inputs[f].channels > 0)
            blocks->tape->filters[f].in = placed(blocks, blocks->inputs[f]).channels;
        blocks->tape->filters[f].out = placed(blocks, blocks->outputs[f]).channels;
    }
    return blocks->tape->factors;
}

/* The slices of the first operation that uses each filter. */
static void find_filters(const gd_tape *tape, const gd_channel_blocks *blocks)
{
    for (int32_t o = tape->op_count - 1; o >= 0; o--) {
        const gd_op *op = &tape->ops[o];
        if (!has_filter(op))
            continue;
        blocks->inputs[op->filter] = input_of(op);
        blocks->outputs[op->filter] = output_of(op);
    }
}

static void *copy(const void *items, int32_t count, size_t size)
{
    void *made = malloc(((size_t)count + 1) * size);
    if (made && count > 0) /* a tape may have no filters */
        memcpy(made, items, (size_t)count * size);
    return made;
}

static bool copy_tape(const gd_tape *tape, gd_channel_blocks *blocks)
{
    gd_tape *made = malloc(sizeof *made);
    blocks->tape = made;
    if (!made)
        return false;
    *made = *tape;
    made->factors = NULL;
    made->results = NULL; /* they are read as the given tape names them */
    made->result_count = 0;
    made->tensors = copy(tape->tensors, tape->tensor_count, sizeof *tape->tensors);
    made->ops = copy(tape->ops, tape->op_count, sizeof *tape->ops);
    made->filters = copy(tape->filters, tape->filter_count, sizeof *tape->filters);
    return made->tensors && made->ops && made->filters;
}

static bool allocate(const gd_tape *tape, gd_channel_blocks *blocks, cutting *c)
{
    blocks->place = calloc((size_t)tape->tensor_count + 1, sizeof *blocks->place);
    blocks->inputs = calloc((size_t)tape->filter_count + 1, sizeof *blocks->inputs);
    blocks->outputs = calloc((size_t)tape->filter_count + 1, sizeof *blocks->outputs);
    c->cuts = calloc((size_t)tape->tensor_count + 1, sizeof *c->cuts);
    bool good = copy_tape(tape, blocks) && blocks->place && blocks->inputs && blocks->outputs && c->cuts;
    for (int32_t t = 0; t < tape->tensor_count && good; t++) {
        const size_t count = (size_t)tape->tensors[t].channels + 1;
        blocks->place[t] = calloc(count, sizeof **blocks->place);
        c->cuts[t] = calloc(count, sizeof **c->cuts);
        good = blocks->place[t] && c->cuts[t];
    }
    return good;
}

static void free_cuts(cutting *c)
{
    for (int32_t t = 0; c->cuts && t < c->tape->tensor_count; t++)
        free(c->cuts[t]);
    free(c->cuts);
}

/* A normalization takes its channels for neighbours, which padding between them would part. */
static gd_status check_neighbours(const gd_tape *tape, gd_channel_blocks *blocks, gd_error *error)
{
    for (int32_t o = 0; o < tape->op_count; o++) {
        const gd_op *op = &tape->ops[o];
        const bool normalizes = op->kind == GD_OP_LRN || op->kind == GD_OP_LRN_BACK;
        if (normalizes && gd_channel_place(blocks, op->src, op->src.channels - 1) != op->src.channels - 1) {
            gd_channel_blocks_free(blocks);
            return gd_fail(error, GD_INTERNAL, "operation %d normalizes across parts of a tensor", o);
        }
    }
    return GD_OK;
}

gd_status gd_channel_blocks_create(const gd_tape *tape, int32_t block, gd_channel_blocks *blocks,
                                   gd_error *error)
{
    cutting c = {.tape = tape, .changed = true};
    *blocks = (gd_channel_blocks){0};
    if (!allocate(tape, blocks, &c)) {
        gd_channel_blocks_free(blocks);
        free_cuts(&c);
        return gd_no_memory(error, "the layout of %d tensors", tape->tensor_count);
    }
    find_filters(tape, blocks);
    while (c.changed) {
        c.changed = false;
        for (int32_t o = 0; o < tape->op_count; o++)
            cut_op(&c, &tape->ops[o], blocks);
    }
    for (int32_t t = 0; t < tape->tensor_count; t++)
        place_channels(&tape->tensors[t], c.cuts[t], block, blocks->place[t]);
    const bool good = place_all(tape, blocks);
    free_cuts(&c);
    if (good)
        return check_neighbours(tape, blocks, error);
    gd_channel_blocks_free(blocks);
    return gd_no_memory(error, "the factors of a tape");
}

int32_t gd_channel_place(const gd_channel_blocks *blocks, gd_slice slice, int32_t channel)
{
    const int32_t *place = blocks->place[slice.tensor] + slice.channel;
    return place[channel] - place[0];
}

void gd_channel_blocks_free(gd_channel_blocks *blocks)
{
    for (int32_t t = 0; blocks->place && blocks->tape && t < blocks->tape->tensor_count; t++)
        free(blocks->place[t]);
    free(blocks->place);
    free(blocks->inputs);
    free(blocks->outputs);
    gd_tape_free(blocks->tape);
    *blocks = (gd_channel_blocks){0};
}
