/* Which convolutions of a tape are products, and which masks products write and apply: tapes made by hand,
 * each condition broken alone; and how many there are in the networks. */
#include "check.h"
#include "net/lower/lower.h"
#include "net/products.h"

#include <stdlib.h>

enum { ROWS = 9, COLS = 7 };

static gd_tensor tensor_of(gd_tensor_kind kind, int32_t channels)
{
    return (gd_tensor){.kind = kind, .channels = channels, .rows = ROWS, .cols = COLS};
}

/* Two forward convolutions of a tensor of 64 channels into one of 256, and their masks; and a way back to all
 * of it. */
typedef struct bench {
    gd_tensor tensors[3]; /* source, result, masks */
    gd_op ops[3];
    gd_tape tape;
} bench;

static bench make_bench(void)
{
    bench b = {.tensors = {tensor_of(GD_TENSOR_VALUES, 64), tensor_of(GD_TENSOR_VALUES, 256),
                           tensor_of(GD_TENSOR_MASK, 256)}};
    const gd_op forward = {
        .kind = GD_OP_CONV, .src = {0, 0, 64}, .kernel_rows = 1, .kernel_cols = 1, .stride = 1, .relu = true};
    b.ops[0] = b.ops[1] = forward;
    b.ops[0].dst = (gd_slice){1, 0, 48};
    b.ops[0].mask = (gd_slice){2, 0, 48};
    b.ops[1].dst = (gd_slice){1, 48, 208};
    b.ops[1].mask = (gd_slice){2, 48, 208};
    b.ops[2] = (gd_op){.kind = GD_OP_CONV_BACK,
                       .src = {0, 0, 64},
                       .dst = {1, 0, 256},
                       .mask = {2, 0, 256},
                       .kernel_rows = 1,
                       .kernel_cols = 1,
                       .stride = 1};
    b.tape = (gd_tape){.tensor_count = 3, .op_count = 3, .first_backward = 2};
    return b;
}

static const gd_tape *tape_of(bench *b)
{
    b->tape.tensors = b->tensors;
    b->tape.ops = b->ops;
    return &b->tape;
}

static void test_products(void **state)
{
    (void)state;
    bench b = make_bench();
    assert_true(gd_op_is_product(tape_of(&b), &b.ops[0]));
    assert_true(gd_op_is_product(tape_of(&b), &b.ops[2]));
    b.ops[0].kernel_rows = 3;
    b.ops[1].stride = 2;
    b.ops[2].kind = GD_OP_MASK;
    for (int32_t o = 0; o < 3; o++)
        assert_false(gd_op_is_product(tape_of(&b), &b.ops[o]));
    b = make_bench();
    b.ops[0].kernel_cols = 3;
    assert_false(gd_op_is_product(tape_of(&b), &b.ops[0]));
}

/* Forward the result begins at -pad in the source, backward at +pad; it must lie in it. */
static void test_extents(void **state)
{
    (void)state;
    for (int32_t o = 0; o < 3; o += 2) {
        const int32_t turned = o == 0 ? -1 : 1;
        bench b = make_bench();
        b.tensors[0].rows = ROWS + 2;
        b.tensors[0].cols = COLS + 3;
        b.ops[o].pad_rows = turned * 2;
        b.ops[o].pad_cols = turned * 3;
        assert_true(gd_op_is_product(tape_of(&b), &b.ops[o]));
        b.ops[o].pad_rows = turned * 3;
        assert_false(gd_op_is_product(tape_of(&b), &b.ops[o]));
        b.ops[o].pad_rows = -turned;
        assert_false(gd_op_is_product(tape_of(&b), &b.ops[o]));
        b.ops[o].pad_rows = 0;
        b.ops[o].pad_cols = turned * 4;
        assert_false(gd_op_is_product(tape_of(&b), &b.ops[o]));
    }
}

static void test_masks(void **state)
{
    (void)state;
    bench b = make_bench();
    assert_true(gd_product_can_mask(tape_of(&b), 0));
    assert_false(gd_product_can_mask(tape_of(&b), 1)); /* does not begin at a multiple of 128 */
    assert_true(gd_product_can_mask(tape_of(&b), 2));
    b.ops[0].relu = false;
    b.ops[2].mask_at = 128;
    assert_false(gd_product_can_mask(tape_of(&b), 0));
    assert_false(gd_product_can_mask(tape_of(&b), 2));
    b = make_bench();
    b.ops[0].mask.channels = 0;
    b.ops[2].mask.channels = 128;
    assert_false(gd_product_can_mask(tape_of(&b), 0));
    assert_false(gd_product_can_mask(tape_of(&b), 2));
    b.ops[2] = make_bench().ops[2];
    b.ops[2].kernel_cols = 3;
    assert_false(gd_product_can_mask(tape_of(&b), 2));
}

/* Bits up to 128 become undefined: nobody may have written them before. */
static void test_order(void **state)
{
    (void)state;
    bench b = make_bench();
    const gd_op first = b.ops[0];
    b.ops[0] = b.ops[1];
    b.ops[1] = first;
    assert_false(gd_product_can_mask(tape_of(&b), 1));
    b.ops[0].mask = (gd_slice){2, 128, 128};
    assert_true(gd_product_can_mask(tape_of(&b), 1));
    b.ops[0].mask.tensor = 1;
    b.ops[0].mask.channel = 48;
    assert_true(gd_product_can_mask(tape_of(&b), 1));
}

static void test_padding(void **state)
{
    (void)state;
    bench b = make_bench();
    b.tensors[2].channels = 260;
    assert_int_equal(gd_product_mask_channels(tape_of(&b), 2), 384);
    b.tensors[2].channels = 256;
    assert_int_equal(gd_product_mask_channels(tape_of(&b), 2), 256);
    assert_int_equal(gd_product_mask_channels(tape_of(&b), 0), 64);
    b.tensors[2].channels = 260;
    b.ops[0].relu = false;
    assert_int_equal(gd_product_mask_channels(tape_of(&b), 2), 384);
    b.ops[2].kind = GD_OP_MASK;
    assert_int_equal(gd_product_mask_channels(tape_of(&b), 2), 260);
}

static int32_t count_products(gd_architecture architecture, const char *layer,
                              const gd_lower_options *options)
{
    gd_error error = {{0}};
    gd_tape *tape = NULL;
    gd_net *net = gd_net_create(architecture);
    assert_non_null(net);
    const gd_objective objective = {
        .count = 1, .terms = {{.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1}}};
    check_ok(gd_tape_lower(net, &objective, 299, 299, options, &tape, &error), error);
    int32_t count = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        count += gd_op_is_product(tape, &tape->ops[o]);
    gd_tape_free(tape);
    gd_net_free(net);
    return count;
}

/* Every 1x1 convolution of stride 1, there and back: none is lost for its extents. */
static void test_networks(void **state)
{
    (void)state;
    assert_int_equal(count_products(GD_INCEPTION_V3, "mixed5", &(gd_lower_options){0}), 34);
    assert_int_equal(count_products(GD_INCEPTION_V3, "mixed5", &(gd_lower_options){.dense = true}), 14);
    assert_int_equal(
        count_products(GD_INCEPTION_V3, "mixed5", &(gd_lower_options){.focus = {100, 90, 80, 70}}), 34);
    assert_true(count_products(GD_INCEPTION_RESNET_V2, "block8_10_mixed", &(gd_lower_options){0}) > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products), cmocka_unit_test(test_extents), cmocka_unit_test(test_masks),
        cmocka_unit_test(test_order),    cmocka_unit_test(test_padding), cmocka_unit_test(test_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
