/* Objectives of squares and of chosen channels, on the made-up network. The graph interpreter is the judge:
 * it knows terms of layers only, and neither takes them apart nor lowers them. */
#include "check.h"
#include "fixture.h"
#include "net/graph_interpreter.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "net/tape_runner.h"
#include "net/toy_net.h"
#include "tools/hash_weights.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 37, COLS = 42 };

static gd_weights *weights_for(const gd_objective *objective)
{
    bool needed[TOY_NODES];
    gd_objective_needs(&toy_net, objective, needed);
    gd_weights *weights = hash_weights_create(&toy_net, needed);
    assert_non_null(weights);
    return weights;
}

/* The lowered gradient of the focus, from the objective as the program takes it apart. */
static void check_focus(const gd_objective *objective, const gd_weights *weights, const float *window,
                        const double *expected, gd_lower_options options, gd_rect focus)
{
    gd_objective narrow = *objective;
    double *gradient = malloc(sizeof *gradient * (size_t)(focus.rows * focus.cols * 3));
    double *part = malloc(sizeof *part * (size_t)(focus.rows * focus.cols * 3));
    assert_true(gradient && part);
    assert_true(gd_objective_narrow(&toy_net, &narrow));
    options.focus = focus;
    tape_gradient(&toy_net, weights, &narrow, ROWS, COLS, &options, window, gradient);
    for (int64_t y = 0; y < focus.rows; y++)
        memcpy(part + y * focus.cols * 3, expected + ((focus.y + y) * COLS + focus.x) * 3,
               sizeof *part * (size_t)focus.cols * 3);
    const double difference = relative_l2(gradient, part, focus.rows * focus.cols * 3);
    if (!(difference <= 1e-12))
        fail_msg("node %d, measure %d, a focus of %d x %d: off by %g", objective->terms[0].node,
                 objective->terms[0].measure, (int)focus.cols, (int)focus.rows, difference);
    free(gradient);
    free(part);
}

static void check_objective(const gd_objective *objective)
{
    const gd_rect whole = {0, 0, ROWS, COLS}, middle = {13, 9, 11, 17}, corner = {0, 30, 8, 12};
    const gd_lower_options plain = {0}, dense = {.dense = true},
                           apart = {.no_merge = true, .no_pool_move = true, .no_in_place = true};
    double *expected = malloc(sizeof *expected * ROWS * COLS * 3);
    gd_error error;
    assert_non_null(expected);
    float *window = make_window(ROWS, COLS);
    gd_weights *weights = weights_for(objective);
    check_ok(graph_gradient(&toy_net, weights, objective, ROWS, COLS, window, expected, NULL, &error), error);
    check_focus(objective, weights, window, expected, plain, whole);
    check_focus(objective, weights, window, expected, apart, whole);
    check_focus(objective, weights, window, expected, dense, whole);
    check_focus(objective, weights, window, expected, dense, middle);
    check_focus(objective, weights, window, expected, plain, middle);
    check_focus(objective, weights, window, expected, plain, corner);
    gd_weights_free(weights);
    free(window);
    free(expected);
}

/* Values that a later sum would overwrite, that a pool moved away from, and parts of concats. */
static void test_squares(void **state)
{
    (void)state;
    for (int32_t n = 1; n < TOY_NODES; n++) {
        const gd_objective objective = {.terms = {{.node = n, .weight = 1.5, .measure = GD_MEASURE_L2}},
                                        .count = 1,
                                        .own_units = n % 2 == 0};
        if (!toy_is_branch(n))
            check_objective(&objective);
    }
}

static void test_both_measures(void **state)
{
    (void)state;
    for (int32_t a = 2; a < TOY_NODES; a++)
        for (int32_t b = 1 + a % 3; b <= a; b += 5) {
            const gd_objective objective = {.terms = {{.node = a, .weight = 1, .measure = GD_MEASURE_L2},
                                                      {.node = b, .weight = -2},
                                                      {.node = b, .weight = 3, .measure = GD_MEASURE_L2}},
                                            .count = 3};
            if (!toy_is_branch(a) && !toy_is_branch(b))
                check_objective(&objective);
        }
}

/* Of every node: some channels, one of them with a weight below 0. */
static void test_channels(void **state)
{
    (void)state;
    for (int32_t n = 1; n < TOY_NODES; n++)
        for (int32_t m = GD_MEASURE_MEAN; m <= GD_MEASURE_L2; m++) {
            const gd_objective objective = {
                .terms = {{.node = n, .weight = 2, .measure = (gd_measure)m, .run = 1, .run_count = 3}},
                .count = 1,
                .runs = {{0}, {1, 3, 1}, {7, 1, -3}, {11, 5, 0.5}},
                .run_count = 4};
            if (!toy_is_branch(n))
                check_objective(&objective);
        }
}

/* Channels of a layer beside the whole of a deeper one, which needs all of its parts. */
static void test_channels_below(void **state)
{
    (void)state;
    const gd_objective objective = {
        .terms = {{.node = 21, .weight = 1},
                  {.node = 16, .weight = 4, .run_count = 2},
                  {.node = 7, .weight = 3, .measure = GD_MEASURE_L2, .run = 2, .run_count = 1}},
        .count = 3,
        .runs = {{30, 4, 1}, {100, 1, 2}, {20, 6, 1}},
        .run_count = 3};
    check_objective(&objective);
}

/* A guide: squares by the shares of channels, of every node and of parts of it, beside a plain term. */
static void test_guides(void **state)
{
    (void)state;
    enum { SHARES = 256 };
    double shares[SHARES];
    for (int32_t c = 0; c < SHARES; c++)
        shares[c] = c % 5 == 0 ? 0 : (double)(1 + c * 37 % 11) / 100;
    for (int32_t n = 1; n < TOY_NODES; n++) {
        const gd_objective whole = {.terms = {{.node = n, .weight = 3, .measure = GD_MEASURE_L2, .guide = 8},
                                              {.node = 1, .weight = 1}},
                                    .count = 2,
                                    .guide = shares};
        const gd_objective part = {
            .terms = {{.node = n, .weight = 3, .measure = GD_MEASURE_L2, .guide = 8, .run_count = 3}},
            .count = 1,
            .runs = {{1, 3, 1}, {7, 1, -3}, {11, 5, 0.5}},
            .run_count = 3,
            .guide = shares};
        assert_true(7 + toy_net.nodes[n].channels <= SHARES);
        if (toy_is_branch(n))
            continue;
        check_objective(&whole);
        check_objective(&part);
    }
}

/* A guide to be matched, of every node and of parts of it, beside another and squares. Of two units that are
 * equal the first counts. */
static void test_matches(void **state)
{
    (void)state;
    enum { UNITS = 9, CHANNELS = 256 };
    float values[UNITS * CHANNELS];
    for (uint32_t i = 0; i < UNITS * CHANNELS; i++)
        values[i] = (float)(i * 2654435761U >> 20) / 4096;
    for (int32_t n = 1; n < TOY_NODES; n++) {
        const int32_t channels = toy_net.nodes[n].channels;
        const gd_match matches[] = {{.units = 2, .channels = channels, .values = values + CHANNELS},
                                    {.units = UNITS, .channels = channels, .values = values}};
        const gd_objective whole = {
            .terms = {{.node = n, .weight = 3, .measure = GD_MEASURE_MATCH, .guide = 2},
                      {.node = n, .weight = -1, .measure = GD_MEASURE_MATCH, .guide = 1},
                      {.node = n, .weight = 1, .measure = GD_MEASURE_L2}},
            .count = 3,
            .matches = matches};
        const gd_objective part = {
            .terms = {{.node = 1, .weight = 1},
                      {.node = n, .weight = 3, .measure = GD_MEASURE_MATCH, .guide = 2, .run_count = 3}},
            .count = 2,
            .runs = {{1, 3, 1}, {7, 1, -3}, {11, 5, 0.5}},
            .run_count = 3,
            .matches = matches};
        assert_true(channels <= CHANNELS);
        if (toy_is_branch(n))
            continue;
        check_objective(&whole);
        check_objective(&part);
    }
}

/* The values of two nodes, from a tape without a way back, in memory that was NaN. */
static void check_features(int32_t a, int32_t b)
{
    const gd_objective both = {.terms = {{.node = a, .weight = 1}, {.node = b, .weight = 1}}, .count = 2};
    gd_weights *weights = weights_for(&both);
    float *window = make_window(ROWS, COLS);
    tape_runner runner;
    gd_error error;
    tape_runner_create(&runner, &toy_net, weights, &both, ROWS, COLS, &(gd_lower_options){.forward = true});
    assert_int_equal(runner.tape->op_count, runner.tape->first_backward);
    assert_int_equal(runner.tape->result_count, 2);
    tape_runner_run(&runner, 0, runner.tape->op_count, window);
    for (int32_t t = 0; t < 2; t++) {
        const gd_objective one = {.terms = {both.terms[t]}, .count = 1};
        const gd_slice result = runner.tape->results[t];
        const gd_tensor *tensor = &runner.tape->tensors[result.tensor];
        const size_t plane = (size_t)tensor->rows * (size_t)tensor->cols;
        const size_t count = plane * (size_t)result.channels;
        double *values = malloc(sizeof *values * plane * (size_t)tensor->channels);
        double *expected = malloc(sizeof *expected * count);
        assert_true(values && expected);
        assert_int_equal(result.channels, toy_net.nodes[one.terms[0].node].channels);
        gd_backend_reference.get(runner.program, runner.arena, result.tensor, values);
        check_ok(graph_values(&toy_net, weights, &one, ROWS, COLS, window, expected, &error), error);
        const double difference =
            relative_l2(values + plane * (size_t)result.channel, expected, (int64_t)count);
        if (!(difference <= 1e-12))
            fail_msg("the values of node %d beside those of %d: off by %g", both.terms[t].node,
                     both.terms[1 - t].node, difference);
        free(values);
        free(expected);
    }
    tape_runner_free(&runner);
    gd_weights_free(weights);
    free(window);
}

static void test_features(void **state)
{
    (void)state;
    for (int32_t n = 1; n < TOY_NODES; n++)
        for (int32_t other = 1 + n % 4; other < n; other += 4)
            if (!toy_is_branch(n) && !toy_is_branch(other))
                check_features(n, other);
}

static void test_narrow(void **state)
{
    (void)state;
    /* All channels with one weight are the layer. */
    gd_objective all = {.terms = {{.node = 16, .weight = 2, .layer = 16, .run_count = 2}},
                        .count = 1,
                        .runs = {{0, 100, 0.25}, {100, 12, 0.25}},
                        .run_count = 2};
    assert_true(gd_objective_narrow(&toy_net, &all));
    assert_int_equal(all.count, 1);
    assert_true(all.terms[0].node == 16 && all.terms[0].run_count == 0 && all.terms[0].weight == 0.5);
    /* The first and the last part of 16: nodes 8 (of 15) and 11; no other part is needed. */
    gd_objective ends = {.terms = {{.node = 16, .weight = 1, .run_count = 2}},
                         .count = 1,
                         .runs = {{3, 1, 1}, {80, 32, 1}},
                         .run_count = 2};
    bool needed[TOY_NODES];
    assert_true(gd_objective_narrow(&toy_net, &ends));
    assert_int_equal(ends.count, 2);
    assert_int_equal(ends.terms[0].node, 8);
    assert_int_equal(ends.terms[1].node, 11);
    assert_int_equal(ends.terms[1].layer, 16);
    gd_objective_needs(&toy_net, &ends, needed);
    assert_false(needed[16] || needed[15] || needed[14] || needed[13]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_squares),  cmocka_unit_test(test_both_measures),
        cmocka_unit_test(test_channels), cmocka_unit_test(test_channels_below),
        cmocka_unit_test(test_guides),   cmocka_unit_test(test_matches),
        cmocka_unit_test(test_features), cmocka_unit_test(test_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
