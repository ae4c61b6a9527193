/* Channels in blocks: nothing changes where slices are blocks already, every slice becomes whole blocks, and
 * channels that an operation pairs lie at the same distance from the beginnings of their slices. */
#include "check.h"
#include "net/channel_blocks.h"
#include "net/lower/lower.h"
#include "net/objective.h"

#include <string.h>

enum { BLOCK = 32, MOST = 16 };

/* Two convolutions into one tensor, a mean over both, a max pool of that with winners, and its way back. */
typedef struct toy {
    gd_tape tape;
    gd_tensor tensors[MOST];
    gd_op ops[MOST];
    gd_filter filters[MOST];
} toy;

static int32_t add_tensor(toy *t, gd_tensor_kind kind, int32_t channels)
{
    t->tensors[t->tape.tensor_count] = (gd_tensor){.kind = kind, .channels = channels, .rows = 5, .cols = 5};
    return t->tape.tensor_count++;
}

static void add_op(toy *t, gd_op op)
{
    t->ops[t->tape.op_count++] = op;
}

enum { SRC, JOINED, MEAN, POOLED, WINNER, MASK, POOLED_GRADIENT, MEAN_GRADIENT, SRC_GRADIENT };

static void make_toy(toy *t)
{
    static const int32_t channels[] = {50, 90, 90, 90, 90, 60, 90, 90, 50};
    memset(t, 0, sizeof *t);
    t->tape = (gd_tape){.tensors = t->tensors, .ops = t->ops, .filters = t->filters, .filter_count = 2};
    for (int i = SRC; i <= SRC_GRADIENT; i++)
        add_tensor(t,
                   i == WINNER ? GD_TENSOR_WINNER
                   : i == MASK ? GD_TENSOR_MASK
                               : GD_TENSOR_VALUES,
                   channels[i]);
    add_op(t, (gd_op){.kind = GD_OP_CONV, .src = {SRC, 0, 50}, .dst = {JOINED, 0, 30}, .filter = 0});
    add_op(t, (gd_op){.kind = GD_OP_CONV, .src = {SRC, 0, 50}, .dst = {JOINED, 30, 60}, .filter = 1});
    add_op(t, (gd_op){.kind = GD_OP_AVG_POOL, .src = {JOINED, 0, 90}, .dst = {MEAN, 0, 90}, .filter = -1});
    add_op(t, (gd_op){.kind = GD_OP_MAX_POOL,
                      .src = {MEAN, 0, 90},
                      .dst = {POOLED, 0, 90},
                      .winner = {WINNER, 0, 90},
                      .filter = -1});
    add_op(t, (gd_op){.kind = GD_OP_MAX_POOL_BACK,
                      .src = {POOLED_GRADIENT, 0, 90},
                      .dst = {MEAN_GRADIENT, 0, 90},
                      .winner = {WINNER, 0, 90},
                      .mask = {MASK, 0, 60},
                      .mask_at = 10,
                      .filter = -1});
    add_op(t, (gd_op){.kind = GD_OP_CONV_BACK,
                      .src = {MEAN_GRADIENT, 30, 60},
                      .dst = {SRC_GRADIENT, 0, 50},
                      .filter = 1});
}

/* The number of channels that two slices hold, and where each lies. */
static void check_pair(const gd_channel_blocks *blocks, gd_slice a, gd_slice b)
{
    for (int32_t c = 0; c <= a.channels; c++)
        assert_int_equal(gd_channel_place(blocks, a, c), gd_channel_place(blocks, b, c));
}

static void check_slice(gd_slice slice, int32_t block)
{
    assert_int_equal(slice.channel % block, 0);
    assert_int_equal(slice.channels % block, 0);
}

static void test_toy(void **state)
{
    (void)state;
    toy t;
    gd_error error;
    gd_channel_blocks blocks;
    make_toy(&t);
    check_ok(gd_channel_blocks_create(&t.tape, BLOCK, &blocks, &error), error);
    for (int32_t o = 0; o < t.tape.op_count; o++) {
        const gd_op *op = &blocks.tape->ops[o];
        check_slice(op->src, BLOCK);
        check_slice(op->dst, BLOCK);
        check_slice(op->mask, BLOCK);
        check_slice(op->winner, BLOCK);
        assert_int_equal(op->mask_at % BLOCK, 0);
    }
    /* Cuts at 30 by the convolutions, at 10 and 70 by the mask: 10, 20, 40, 20 channels, in 1, 1, 2, 1
     * blocks; SRC: 50 in 2. */
    static const int32_t wanted[] = {64, 160, 160, 160, 160, 96, 160, 160, 64};
    for (int i = SRC; i <= SRC_GRADIENT; i++)
        assert_int_equal(blocks.tape->tensors[i].channels, wanted[i]);
    check_pair(&blocks, (gd_slice){JOINED, 0, 90}, (gd_slice){MEAN, 0, 90});
    check_pair(&blocks, (gd_slice){JOINED, 0, 90}, (gd_slice){WINNER, 0, 90});
    check_pair(&blocks, (gd_slice){JOINED, 0, 90}, (gd_slice){POOLED_GRADIENT, 0, 90});
    check_pair(&blocks, (gd_slice){MASK, 0, 60}, (gd_slice){MEAN_GRADIENT, 10, 60});
    check_pair(&blocks, (gd_slice){JOINED, 30, 60}, (gd_slice){MEAN_GRADIENT, 30, 60});
    assert_int_equal(blocks.tape->filters[0].out, 64);
    assert_int_equal(blocks.tape->filters[1].out, 96);
    assert_int_equal(blocks.tape->filters[1].in, 64);
    assert_int_equal(blocks.tape->ops[4].mask_at, 32);
    gd_channel_blocks_free(&blocks);
}

/* A filter's channels lie alike in all that use it: the result of one is cut, the input of the other. */
static void test_filters(void **state)
{
    (void)state;
    toy t;
    gd_error error;
    gd_channel_blocks blocks;
    memset(&t, 0, sizeof t);
    t.tape = (gd_tape){.tensors = t.tensors, .ops = t.ops, .filters = t.filters, .filter_count = 3};
    const int32_t src = add_tensor(&t, GD_TENSOR_VALUES, 32), merged = add_tensor(&t, GD_TENSOR_VALUES, 70),
                  dst = add_tensor(&t, GD_TENSOR_VALUES, 32), back = add_tensor(&t, GD_TENSOR_VALUES, 70),
                  src_back = add_tensor(&t, GD_TENSOR_VALUES, 32);
    add_op(&t, (gd_op){.kind = GD_OP_CONV, .src = {src, 0, 32}, .dst = {merged, 0, 70}, .filter = 0});
    add_op(&t, (gd_op){.kind = GD_OP_CONV, .src = {merged, 0, 20}, .dst = {dst, 0, 32}, .filter = 1});
    add_op(&t, (gd_op){.kind = GD_OP_CONV_BACK, .src = {back, 0, 70}, .dst = {src_back, 0, 32}, .filter = 0});
    add_op(&t, (gd_op){.kind = GD_OP_SEED, .dst = {src_back, 0, 12}, .filter = -1});
    check_ok(gd_channel_blocks_create(&t.tape, BLOCK, &blocks, &error), error);
    assert_int_equal(blocks.tape->tensors[merged].channels, 32 + 64);
    assert_int_equal(blocks.tape->tensors[back].channels, 32 + 64);
    check_pair(&blocks, (gd_slice){merged, 0, 70}, (gd_slice){back, 0, 70});
    check_pair(&blocks, (gd_slice){src, 0, 32}, (gd_slice){src_back, 0, 32});
    assert_int_equal(blocks.tape->filters[0].out, 96);
    assert_int_equal(blocks.tape->filters[0].in, 64);
    assert_int_equal(blocks.tape->filters[2].out, 0); /* of no operation: as it was */
    gd_channel_blocks_free(&blocks);
}

static void check_network(gd_architecture architecture, const char *layer, int32_t block, bool same)
{
    gd_error error;
    gd_tape *tape;
    gd_channel_blocks blocks;
    gd_net *net = gd_net_create(architecture);
    assert_non_null(net);
    gd_objective objective = {.count = 1};
    objective.terms[0] = (gd_term){.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1};
    check_ok(gd_tape_lower(net, &objective, 299, 299, &(gd_lower_options){0}, &tape, &error), error);
    check_ok(gd_channel_blocks_create(tape, block, &blocks, &error), error);
    int64_t before = 0, after = 0;
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        before += (int64_t)tape->tensors[t].channels * tape->tensors[t].rows;
        after += (int64_t)blocks.tape->tensors[t].channels * tape->tensors[t].rows;
    }
    print_message("%s, blocks of %d: %.2f %% padding\n", net->title, block,
                  100.0 * (double)(after - before) / (double)before);
    if (same)
        assert_memory_equal(tape->ops, blocks.tape->ops, (size_t)tape->op_count * sizeof *tape->ops);
    assert_true(same ? after == before : after > before && after < before * 11 / 10);
    gd_channel_blocks_free(&blocks);
    gd_tape_free(tape);
    gd_net_free(net);
}

static void test_networks(void **state)
{
    (void)state;
    for (int32_t block = 8; block <= BLOCK; block *= 2) {
        check_network(GD_INCEPTION_V3, "mixed10", block, block < BLOCK);
        check_network(GD_INCEPTION_RESNET_V2, "block8_10_mixed", block, block < BLOCK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_toy), cmocka_unit_test(test_filters),
                                       cmocka_unit_test(test_networks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
