/* The lowering of a made-up network that has what neither Inception has. The graph interpreter is the judge.
 */
#include "check.h"
#include "fixture.h"
#include "net/graph_interpreter.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "net/tape_runner.h"
#include "net/toy_net.h"
#include "tools/hash_weights.h"

#include <stdlib.h>

static int32_t count_ops(const gd_objective *objective, gd_op_kind kind)
{
    gd_tape *tape;
    gd_error error;
    int32_t count = 0;
    check_ok(gd_tape_lower(&toy_net, objective, 21, 25, NULL, &tape, &error), error);
    for (int32_t o = 0; o < tape->op_count; o++)
        count += tape->ops[o].kind == kind;
    gd_tape_free(tape);
    return count;
}

static void check_objective(const gd_objective *objective, int32_t rows, int32_t cols)
{
    const gd_lower_options options[] = {{0},
                                        {.no_merge = true},
                                        {.no_pool_move = true},
                                        {.no_in_place = true},
                                        {.dense = true},
                                        {.dense = true, .no_merge = true},
                                        {.dense = true, .no_pool_move = true, .no_in_place = true}};
    const int64_t count = (int64_t)rows * cols * 3;
    float *window = make_window(rows, cols);
    double *expected = malloc((size_t)count * sizeof *expected);
    double *gradient = malloc((size_t)count * sizeof *gradient);
    bool needed[TOY_NODES];
    gd_error error;
    gd_objective_needs(&toy_net, objective, needed);
    gd_weights *weights = hash_weights_create(&toy_net, needed);
    assert_true(expected && gradient && weights);
    check_ok(graph_gradient(&toy_net, weights, objective, rows, cols, window, expected, NULL, &error), error);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        tape_gradient(&toy_net, weights, objective, rows, cols, &options[i], window, gradient);
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

/* Every node by itself: convolutions, pools, parts and sums. */
static void test_single_nodes(void **state)
{
    (void)state;
    for (int32_t n = 1; n < TOY_NODES; n++) {
        const gd_objective objective = {
            .terms = {{.node = n, .weight = 1.5}}, .count = 1, .own_units = n % 2 == 0};
        if (!toy_is_branch(n))
            check_objective(&objective, 17, 22);
    }
}

/* Pairs of terms, one of them twice: what they share gets a sum of seeds. */
static void test_pairs(void **state)
{
    (void)state;
    for (int32_t a = 1; a < TOY_NODES; a++) {
        for (int32_t b = 1; b < a; b += 1 + a % 3) {
            const gd_objective objective = {
                .terms = {{.node = a, .weight = 1}, {.node = b, .weight = -2}, {.node = a, .weight = 0.5}},
                .count = 3};
            if (!toy_is_branch(a) && !toy_is_branch(b))
                check_objective(&objective, 13, 12);
        }
    }
}

static void test_all_nodes(void **state)
{
    (void)state;
    gd_objective objective = {0};
    for (int32_t n = 1; n < TOY_NODES; n++) {
        if (!toy_is_branch(n))
            objective.terms[objective.count++] = (gd_term){.node = n, .weight = 1 + 0.25 * n};
    }
    check_objective(&objective, 21, 25);
}

/* The network is what it was made for. */
static void test_rare_operations(void **state)
{
    (void)state;
    const gd_objective sum = {.terms = {{.node = 21, .weight = 1}}, .count = 1},
                       first = {.terms = {{.node = 13, .weight = 1}}, .count = 1};
    const gd_objective part = {.terms = {{.node = 24, .weight = 1}, {.node = 14, .weight = 1}}, .count = 2};
    assert_int_equal(count_ops(&sum, GD_OP_COPY), 4);
    assert_int_equal(count_ops(&first, GD_OP_MASK), 1);
    assert_int_equal(count_ops(&sum, GD_OP_AVG_POOL), 1);
    assert_int_equal(count_ops(&part, GD_OP_SEED), 3); /* two terms, and zeros beside the part */
}

/* A sum of something else than a convolution of its own is refused. */
static void test_seeded_branch(void **state)
{
    (void)state;
    const gd_objective objective = {.terms = {{.node = 13, .weight = 1}, {.node = 12, .weight = 1}},
                                    .count = 2};
    gd_tape *tape;
    gd_error error;
    assert_int_equal(gd_tape_lower(&toy_net, &objective, 21, 25, NULL, &tape, &error), GD_INTERNAL);
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
