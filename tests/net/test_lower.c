/* The shape of lowered tapes: every operation reads what was written, and nothing lives longer than it must.
 */
#include "check.h"
#include "net/dump.h"
#include "net/lower/lower.h"
#include "net/memory_plan.h"
#include "net/objective.h"
#include "net/tape.h"
#include "net/tape_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int32_t extents[][2] = {{75, 75}, {299, 299}, {513, 350}, {76, 3000}};
enum { EXTENTS = sizeof extents / sizeof *extents };

static const gd_lower_options all_options[] = {{0},
                                               {.dense = true},
                                               {.dense = true, .no_merge = true, .no_in_place = true},
                                               {.no_merge = true},
                                               {.no_pool_move = true},
                                               {.no_in_place = true},
                                               {.no_merge = true, .no_pool_move = true, .no_in_place = true}};
enum { OPTIONS = sizeof all_options / sizeof *all_options };

static gd_tape *lower(const gd_net *net, const gd_objective *objective, int32_t rows, int32_t cols,
                      const gd_lower_options *options)
{
    gd_tape *tape;
    gd_error error;
    check_ok(gd_tape_lower(net, objective, rows, cols, options, &tape, &error), error);
    return tape;
}

static gd_objective layer_objective(const gd_net *net, int32_t layer)
{
    return (gd_objective){.terms = {{.node = net->layers[layer].node, .weight = 1}}, .count = 1};
}

static void check_every_layer(gd_architecture architecture)
{
    gd_net *net = gd_net_create(architecture);
    assert_non_null(net);
    for (int32_t layer = 0; layer < net->layer_count; layer++) {
        gd_objective objective = layer_objective(net, layer);
        for (int32_t i = 0; i < EXTENTS * OPTIONS; i++) {
            gd_tape *tape = lower(net, &objective, extents[i % EXTENTS][0], extents[i % EXTENTS][1],
                                  &all_options[i / EXTENTS]);
            tape_book_check(tape);
            gd_tape_free(tape);
        }
        /* and with every layer before it as well */
        objective.count = 0;
        for (int32_t t = 0; t <= layer; t++)
            objective.terms[objective.count++] = (gd_term){.node = net->layers[t].node, .weight = 0.5 + t};
        for (int32_t i = 0; i < 2; i++) {
            gd_tape *tape = lower(net, &objective, 139, 140, &all_options[i]);
            tape_book_check(tape);
            gd_tape_free(tape);
        }
    }
    gd_net_free(net);
}

static void test_inception_v3(void **state)
{
    (void)state;
    check_every_layer(GD_INCEPTION_V3);
}

static void test_inception_resnet_v2(void **state)
{
    (void)state;
    check_every_layer(GD_INCEPTION_RESNET_V2);
}

static void check_same_filters(const gd_tape *a, const gd_tape *b)
{
    assert_int_equal(a->filter_count, b->filter_count);
    for (int32_t f = 0; f < a->filter_count; f++) {
        const gd_filter *x = &a->filters[f], *y = &b->filters[f];
        assert_int_equal(x->in, y->in);
        assert_int_equal(x->out, y->out);
        assert_int_equal(x->kernel_rows, y->kernel_rows);
        assert_int_equal(x->kernel_cols, y->kernel_cols);
        assert_int_equal(x->part_count, y->part_count);
        assert_memory_equal(x->nodes, y->nodes, sizeof x->nodes);
        assert_true(x->scale == y->scale);
        assert_int_equal(x->pooled, y->pooled);
    }
}

static void test_same_filters_for_any_shape(void **state)
{
    (void)state;
    for (int a = 0; a < 2; a++) {
        gd_net *net = gd_net_create(a == 0 ? GD_INCEPTION_V3 : GD_INCEPTION_RESNET_V2);
        const gd_objective objective = layer_objective(net, net->layer_count - 1);
        gd_tape *first = lower(net, &objective, extents[0][0], extents[0][1], NULL);
        for (int32_t e = 1; e < EXTENTS; e++) {
            gd_tape *tape = lower(net, &objective, extents[e][0], extents[e][1], NULL);
            check_same_filters(first, tape);
            gd_tape_free(tape);
        }
        gd_tape_free(first);
        gd_net_free(net);
    }
}

static int32_t count_ops(const gd_tape *tape, gd_op_kind kind)
{
    int32_t count = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        count += tape->ops[o].kind == kind;
    return count;
}

static int32_t count_merged(const gd_tape *tape)
{
    int32_t count = 0;
    for (int32_t f = 0; f < tape->filter_count; f++)
        count += tape->filters[f].part_count > 1;
    return count;
}

/* Inception V3 to mixed5: two 1x1 convolutions each in mixed0 to mixed2, mixed4 and mixed5 become one; all
 * average pools come after their convolution; no masks or sums are left over. */
static void test_passes_apply(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const gd_objective objective = layer_objective(net, gd_net_find_layer(net, "mixed5"));
    gd_tape *tape = lower(net, &objective, 299, 299, NULL);
    assert_int_equal(count_merged(tape), 5);
    for (int32_t o = 0; o < tape->op_count; o++) {
        if (tape->ops[o].kind == GD_OP_AVG_POOL)
            assert_true(tape->ops[o].relu && tape->ops[o - 1].kind == GD_OP_CONV && !tape->ops[o - 1].relu);
    }
    assert_int_equal(count_ops(tape, GD_OP_AVG_POOL), 5);
    assert_int_equal(count_ops(tape, GD_OP_MASK), 0);
    assert_int_equal(count_ops(tape, GD_OP_COPY), 0);
    assert_int_equal(count_ops(tape, GD_OP_SEED), 1);
    gd_tape_free(tape);
    gd_net_free(net);
}

/* Inception-ResNet v2: one buffer goes through all blocks of a kind. */
static void test_residuals_in_place(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_RESNET_V2);
    const gd_objective objective = layer_objective(net, net->layer_count - 1);
    const gd_lower_options apart = {.no_in_place = true};
    gd_tape *in_place = lower(net, &objective, 299, 299, NULL);
    gd_tape *copied = lower(net, &objective, 299, 299, &apart);
    assert_int_equal(count_ops(in_place, GD_OP_COPY), 0);
    assert_int_equal(count_ops(copied, GD_OP_COPY), 2 * 39); /* the fortieth is needed by nothing */
    assert_int_equal(count_ops(in_place, GD_OP_MASK), 0);
    gd_tape_free(in_place);
    gd_tape_free(copied);
    gd_net_free(net);
}

/* Bytes that are alive at once, in fp32. */
static double peak_bytes(const gd_tape *tape)
{
    double most = 0;
    for (int32_t o = 0; o < tape->op_count; o++) {
        double alive = 0;
        for (int32_t t = 0; t < tape->tensor_count; t++) {
            const gd_tensor *x = &tape->tensors[t];
            const double width = x->kind == GD_TENSOR_VALUES ? 4 : x->kind == GD_TENSOR_MASK ? 0.125 : 1;
            if (x->first_op <= o && o <= x->last_op)
                alive += (double)x->channels * x->rows * x->cols * width;
        }
        most = alive > most ? alive : most;
    }
    return most;
}

/* No pass costs memory. */
static void test_passes_cost_no_memory(void **state)
{
    (void)state;
    for (int a = 0; a < 2; a++) {
        gd_net *net = gd_net_create(a == 0 ? GD_INCEPTION_V3 : GD_INCEPTION_RESNET_V2);
        const gd_objective objective = layer_objective(net, net->layer_count - 1);
        gd_tape *best = lower(net, &objective, 1024, 1024, NULL);
        for (int32_t i = 1; i < OPTIONS; i++) {
            gd_tape *tape = lower(net, &objective, 1024, 1024, &all_options[i]);
            assert_true(peak_bytes(best) <= peak_bytes(tape) || all_options[i].dense);
            gd_tape_free(tape);
        }
        gd_tape_free(best);
        gd_net_free(net);
    }
}

static bool is_whole(const gd_tape *tape, gd_slice slice)
{
    return slice.channels == tape->tensors[slice.tensor].channels;
}

static int32_t count_groups(const gd_tape *tape, gd_op_kind kind)
{
    int32_t groups = 0, last;
    for (int32_t o = 0, first; o < tape->op_count; o = last) {
        gd_tape_group(tape, o, &first, &last);
        assert_int_equal(first, o);
        groups += tape->ops[o].kind == kind;
        for (int32_t t = 0; t < tape->tensor_count; t++) /* nothing begins or ends within it */
            assert_true(tape->tensors[t].first_op <= first || tape->tensors[t].first_op >= last);
    }
    return groups;
}

/* Dense tapes of Inception V3 to mixed5: all siblings of five blocks are one, the stem's two ReLUs before max
 * pools have no mask, and each block has two seams a way, but for the one that shrinks the grid: one. */
static void check_dense_mixed5(const gd_net *net)
{
    const gd_objective objective = layer_objective(net, gd_net_find_layer(net, "mixed5"));
    gd_tape *tape = lower(net, &objective, 299, 299, &(gd_lower_options){.dense = true});
    int32_t judges = 0, parts = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        judges += tape->ops[o].kind == GD_OP_MAX_POOL && tape->ops[o].relu;
    for (int32_t f = 0; f < tape->filter_count; f++)
        parts += tape->filters[f].part_count > 1 ? tape->filters[f].part_count : 0;
    assert_int_equal(judges, 2);
    assert_int_equal(count_merged(tape), 5);
    assert_int_equal(parts, 5 * 4);
    assert_int_equal(count_ops(tape, GD_OP_CONV), 34); /* and that of the first operation */
    assert_int_equal(count_ops(tape, GD_OP_CONV_BACK), 34);
    assert_true(gd_convolves_picture(&tape->ops[0]) && gd_convolves_picture(&tape->ops[tape->op_count - 1]));
    assert_int_equal(tape->ops[tape->op_count - 1].mask.channels, 32);
    assert_int_equal(count_groups(tape, GD_OP_SEAM), 11);
    assert_int_equal(count_groups(tape, GD_OP_SEAM_BACK), 11);
    assert_int_equal(count_ops(tape, GD_OP_MASK), 0);
    gd_tape_free(tape);
}

/* In no layer's dense tape does a convolution read or write a slice, or add to a gradient that seams read. */
static void test_dense(void **state)
{
    (void)state;
    for (int a = 0; a < 2; a++) {
        gd_net *net = gd_net_create(a == 0 ? GD_INCEPTION_V3 : GD_INCEPTION_RESNET_V2);
        for (int32_t layer = 0; layer < net->layer_count; layer++) {
            const gd_objective objective = layer_objective(net, layer);
            gd_tape *tape = lower(net, &objective, 139, 140, &(gd_lower_options){.dense = true});
            for (int32_t o = 0; o < tape->op_count; o++) {
                const gd_op *op = &tape->ops[o];
                if (op->kind == GD_OP_CONV || op->kind == GD_OP_CONV_BACK)
                    assert_true(is_whole(tape, op->src) && is_whole(tape, op->dst));
            }
            gd_tape_free(tape);
        }
        if (a == 0)
            check_dense_mixed5(net);
        gd_net_free(net);
    }
}

/* Dense tapes take no more memory than others. */
static void test_dense_costs_no_memory(void **state)
{
    (void)state;
    for (int a = 0; a < 2; a++) {
        gd_net *net = gd_net_create(a == 0 ? GD_INCEPTION_V3 : GD_INCEPTION_RESNET_V2);
        const gd_objective objective = layer_objective(net, net->layer_count - 1);
        gd_tape *plain = lower(net, &objective, 1024, 1024, NULL);
        gd_tape *dense = lower(net, &objective, 1024, 1024, &(gd_lower_options){.dense = true});
        assert_true(peak_bytes(dense) <= peak_bytes(plain));
        gd_tape_free(dense);
        gd_tape_free(plain);
        gd_net_free(net);
    }
}

static void test_parts_of_concats(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const gd_objective part = layer_objective(net, gd_net_find_layer(net, "mixed9_0"));
    const gd_objective whole = layer_objective(net, gd_net_find_layer(net, "mixed9"));
    gd_objective both = part;
    both.terms[both.count++] = whole.terms[0];
    gd_tape *part_tape = lower(net, &part, 299, 299, NULL), *whole_tape = lower(net, &whole, 299, 299, NULL);
    gd_tape *both_tape = lower(net, &both, 299, 299, NULL);
    /* mixed9_0 alone: the 1x1 convolution and the two after it, of the nine of mixed9 */
    assert_int_equal(count_ops(whole_tape, GD_OP_CONV) - count_ops(part_tape, GD_OP_CONV), 5);
    assert_int_equal(count_ops(whole_tape, GD_OP_CONV), count_ops(both_tape, GD_OP_CONV));
    assert_int_equal(count_ops(both_tape, GD_OP_SEED), 3); /* before, in and after the part */
    gd_tape_free(part_tape);
    gd_tape_free(whole_tape);
    gd_tape_free(both_tape);
    gd_net_free(net);
}

static double total_seed(const gd_tape *tape, const gd_op *op)
{
    const gd_tensor *tensor = &tape->tensors[op->dst.tensor];
    return op->value * op->dst.channels * tensor->rows * tensor->cols;
}

static void test_seed_values(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    gd_objective objective = layer_objective(net, gd_net_find_layer(net, "mixed5"));
    objective.terms[0].weight = 3;
    gd_tape *tape = lower(net, &objective, 512, 512, NULL);
    assert_float_equal(total_seed(tape, &tape->ops[tape->first_backward]), 3, 1e-12);
    gd_tape_free(tape);
    tape = lower(net, &objective, 200, 300, NULL);
    assert_float_equal(tape->ops[tape->first_backward].value, 3 / (768. * 30 * 30), 1e-18);
    gd_tape_free(tape);
    objective.own_units = true;
    tape = lower(net, &objective, 200, 300, NULL);
    assert_float_equal(total_seed(tape, &tape->ops[tape->first_backward]), 3, 1e-12);
    gd_tape_free(tape);
    gd_net_free(net);
}

static void test_small_windows(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const gd_objective objective = layer_objective(net, 0);
    gd_tape *tape;
    gd_error error;
    assert_int_equal(gd_tape_lower(net, &objective, 75, 74, NULL, &tape, &error), GD_USAGE);
    assert_null(tape);
    assert_non_null(strstr(error.message, "74 x 75"));
    gd_net_free(net);
}

/* The sentence names a size that works, and 32 more does not. */
static void test_large_windows(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const gd_objective objective = layer_objective(net, 0);
    gd_tape *tape;
    gd_error error;
    assert_int_equal(gd_tape_lower(net, &objective, 20000, 20000, NULL, &tape, &error), GD_USAGE);
    const char *named = strstr(error.message, "at most ");
    assert_non_null(named);
    const int32_t side = (int32_t)strtol(named + 8, NULL, 10);
    assert_in_range(side, 11000, 12000);
    gd_tape_free(lower(net, &objective, side, side, NULL));
    assert_int_equal(gd_tape_lower(net, &objective, side + 32, side + 32, NULL, &tape, &error), GD_USAGE);
    gd_net_free(net);
}

static void test_dump(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const gd_objective objective = layer_objective(net, 0);
    gd_tape *tape = lower(net, &objective, 100, 120, NULL);
    size_t *tensors = calloc((size_t)tape->tensor_count, sizeof *tensors);
    size_t *scratch = calloc((size_t)tape->op_count, sizeof *scratch);
    gd_memory_plan plan;
    gd_error error;
    for (int32_t t = 0; t < tape->tensor_count; t++)
        tensors[t] = 100;
    check_ok(gd_memory_plan_create(tape, tensors, scratch, &plan, &error), error);
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    assert_non_null(out);
    gd_tape_dump(tape, net, tensors, scratch, &plan, out);
    assert_int_equal(fclose(out), 0);
    int32_t lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, tape->op_count + 3);
    assert_non_null(strstr(text, "Inception V3, window of 120 x 100 pixels"));
    assert_non_null(strstr(text, "<- peak"));
    assert_non_null(strstr(text, "2 merged"));
    free(text);
    free(tensors);
    free(scratch);
    gd_memory_plan_free(&plan);
    gd_tape_free(tape);
    gd_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inception_v3),
        cmocka_unit_test(test_inception_resnet_v2),
        cmocka_unit_test(test_same_filters_for_any_shape),
        cmocka_unit_test(test_passes_apply),
        cmocka_unit_test(test_residuals_in_place),
        cmocka_unit_test(test_passes_cost_no_memory),
        cmocka_unit_test(test_dense),
        cmocka_unit_test(test_dense_costs_no_memory),
        cmocka_unit_test(test_parts_of_concats),
        cmocka_unit_test(test_seed_values),
        cmocka_unit_test(test_small_windows),
        cmocka_unit_test(test_large_windows),
        cmocka_unit_test(test_dump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
