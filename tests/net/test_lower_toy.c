/* A made-up network with what neither Inception has: a pool in the middle of a concat, sums that cannot be
 * made in place, readers of single parts, pools that cannot move. The graph interpreter is the judge. */
#include "check.h"
#include "fixture.h"
#include "net/graph_interpreter.h"
#include "net/lower/lower.h"
#include "net/tape_runner.h"
#include "tools/hash_weights.h"

#include <stdlib.h>

#define CONV(number, from, out, size, step)                                                                  \
    .kind = GD_NODE_CONV, .inputs = {from}, .input_count = 1, .channels = out, .kernel_rows = size,          \
    .kernel_cols = size, .stride = step, .same = (step) == 1, .batch_norm = true, .relu = true,              \
    .conv_index = number
#define BRANCH(label, from, out)                                                                             \
    .kind = GD_NODE_CONV, .name = label, .inputs = {from}, .input_count = 1, .channels = out,                \
    .kernel_rows = 1, .kernel_cols = 1, .stride = 1, .same = true, .conv_index = -1
#define POOL(which, from, out, step)                                                                         \
    .kind = which, .inputs = {from}, .input_count = 1, .channels = out, .kernel_rows = 3, .kernel_cols = 3,  \
    .stride = step, .same = (step) == 1, .conv_index = -1
#define CONCAT(count, out) .kind = GD_NODE_CONCAT, .input_count = count, .channels = out, .stride = 1
#define RESIDUAL(x, branch, out, factor)                                                                     \
    .kind = GD_NODE_RESIDUAL, .inputs = {x, branch}, .input_count = 2, .channels = out, .scale = factor,     \
    .stride = 1

static const gd_node nodes[] = {
    [0] = {.kind = GD_NODE_INPUT, .channels = 3, .stride = 1, .conv_index = -1},
    [1] = {CONV(0, 0, 16, 3, 2)},
    [2] = {CONV(1, 1, 16, 1, 1)}, /* 2 and 3 merge */
    [3] = {CONV(2, 1, 32, 1, 1)},
    [4] = {CONV(3, 3, 16, 3, 2)},
    [5] = {POOL(GD_NODE_MAX_POOL, 1, 16, 2)},
    [6] = {CONV(4, 2, 16, 3, 2)},
    [7] = {CONCAT(3, 48), .inputs = {4, 5, 6}}, /* a pool in the middle: two masks */
    [8] = {CONV(5, 6, 16, 1, 1)},               /* reads one part */
    [9] = {POOL(GD_NODE_AVG_POOL, 7, 48, 1)},   /* two readers: stays before both */
    [10] = {CONV(6, 9, 16, 3, 1)},
    [11] = {CONV(7, 9, 32, 1, 1)},
    [12] = {BRANCH("toy_a_conv", 10, 48)},
    [13] = {RESIDUAL(7, 12, 48, 0.5), .relu = true}, /* 14 reads x later; a part of 16 */
    [14] = {CONV(8, 7, 16, 1, 1)},
    [15] = {CONCAT(2, 32), .inputs = {8, 14}}, /* a part of 16 */
    [16] = {CONCAT(3, 112), .inputs = {15, 13, 11}},
    [17] = {BRANCH("toy_b_conv", 16, 48)},
    [18] = {RESIDUAL(13, 17, 48, 0.3)}, /* x is a part */
    [19] = {CONV(9, 18, 16, 1, 1)},
    [20] = {BRANCH("toy_c_conv", 19, 48)},
    [21] = {RESIDUAL(18, 20, 48, 1), .relu = true}, /* in place */
    [22] = {POOL(GD_NODE_AVG_POOL, 21, 48, 1)},
    [23] = {CONV(10, 22, 16, 1, 1)}, /* its pool moves */
    [24] = {CONV(11, 6, 16, 1, 1)},  /* the first to hand back, to a single part */
};
enum { NODES = sizeof nodes / sizeof *nodes };

static const gd_net net = {
    .name = "toy", .title = "Toy", .nodes = nodes, .node_count = NODES, .smallest_input = 9};

static int32_t count_ops(const gd_objective *objective, gd_op_kind kind)
{
    gd_tape *tape;
    gd_error error;
    int32_t count = 0;
    check_ok(gd_tape_lower(&net, objective, 21, 25, NULL, &tape, &error), error);
    for (int32_t o = 0; o < tape->op_count; o++)
        count += tape->ops[o].kind == kind;
    gd_tape_free(tape);
    return count;
}

static void check_objective(const gd_objective *objective, int32_t rows, int32_t cols)
{
    const gd_lower_options options[] = {
        {0}, {.no_merge = true}, {.no_pool_move = true}, {.no_in_place = true}};
    const int64_t count = (int64_t)rows * cols * 3;
    float *window = make_window(rows, cols);
    double *expected = malloc((size_t)count * sizeof *expected);
    double *gradient = malloc((size_t)count * sizeof *gradient);
    bool needed[NODES];
    gd_error error;
    gd_objective_needs(&net, objective, needed);
    gd_weights *weights = hash_weights_create(&net, needed);
    assert_true(expected && gradient && weights);
    check_ok(graph_gradient(&net, weights, objective, rows, cols, window, expected, NULL, &error), error);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        tape_gradient(&net, weights, objective, rows, cols, &options[i], window, gradient);
        const double difference = relative_l2(gradient, expected, count);
        if (!(difference <= 1e-12))
            fail_msg("first term at node %d, options %zu: off by %g", objective->terms[0].node, i,
                     difference);
    }
    gd_weights_free(weights);
    free(expected);
    free(gradient);
    free(window);
}

static bool is_branch(int32_t node)
{
    return node == 12 || node == 17 || node == 20;
}

/* Every node by itself: convolutions, pools, parts and sums. */
static void test_single_nodes(void **state)
{
    (void)state;
    for (int32_t n = 1; n < NODES; n++) {
        const gd_objective objective = {.terms = {{n, 1.5}}, .count = 1, .own_units = n % 2 == 0};
        if (!is_branch(n))
            check_objective(&objective, 17, 22);
    }
}

/* Pairs of terms, one of them twice: what they share gets a sum of seeds. */
static void test_pairs(void **state)
{
    (void)state;
    for (int32_t a = 1; a < NODES; a++) {
        for (int32_t b = 1; b < a; b += 1 + a % 3) {
            const gd_objective objective = {.terms = {{a, 1}, {b, -2}, {a, 0.5}}, .count = 3};
            if (!is_branch(a) && !is_branch(b))
                check_objective(&objective, 13, 12);
        }
    }
}

static void test_all_nodes(void **state)
{
    (void)state;
    gd_objective objective = {0};
    for (int32_t n = 1; n < NODES; n++) {
        if (!is_branch(n))
            objective.terms[objective.count++] = (gd_term){n, 1 + 0.25 * n};
    }
    check_objective(&objective, 21, 25);
}

/* The network is what it was made for. */
static void test_rare_operations(void **state)
{
    (void)state;
    const gd_objective sum = {.terms = {{21, 1}}, .count = 1}, first = {.terms = {{13, 1}}, .count = 1};
    const gd_objective part = {.terms = {{24, 1}, {14, 1}}, .count = 2};
    assert_int_equal(count_ops(&sum, GD_OP_COPY), 4);
    assert_int_equal(count_ops(&first, GD_OP_MASK), 1);
    assert_int_equal(count_ops(&sum, GD_OP_AVG_POOL), 1);
    assert_int_equal(count_ops(&part, GD_OP_SEED), 3); /* two terms, and zeros beside the part */
}

/* A sum of something else than a convolution of its own is refused. */
static void test_seeded_branch(void **state)
{
    (void)state;
    const gd_objective objective = {.terms = {{13, 1}, {12, 1}}, .count = 2};
    gd_tape *tape;
    gd_error error;
    assert_int_equal(gd_tape_lower(&net, &objective, 21, 25, NULL, &tape, &error), GD_INTERNAL);
    assert_null(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_nodes),  cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_all_nodes),     cmocka_unit_test(test_rare_operations),
        cmocka_unit_test(test_seeded_branch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
