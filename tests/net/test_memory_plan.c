/* Placement: nothing that lives at the same time overlaps, for made-up tapes and for real ones. */
#include "base/random.h"
#include "check.h"
#include "net/lower/lower.h"
#include "net/memory_plan.h"
#include "net/objective.h"
#include "net/tape.h"

#include <stdlib.h>
#include <string.h>

typedef struct sizes {
    size_t *tensors, *scratch;
} sizes;

static sizes make_sizes(const gd_tape *tape)
{
    sizes s = {calloc((size_t)tape->tensor_count, sizeof(size_t)),
               calloc((size_t)tape->op_count, sizeof(size_t))};
    assert_non_null(s.tensors);
    assert_non_null(s.scratch);
    return s;
}

static void free_sizes(sizes s)
{
    free(s.tensors);
    free(s.scratch);
}

/* Sizes of a backend with values of `width` bytes, bits for masks, and scratch at every third operation. */
static sizes sizes_of(const gd_tape *tape, size_t width)
{
    sizes s = make_sizes(tape);
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        const gd_tensor *tensor = &tape->tensors[t];
        const size_t units = (size_t)tensor->channels * (size_t)tensor->rows * (size_t)tensor->cols;
        s.tensors[t] = tensor->kind == GD_TENSOR_VALUES ? units * width
                       : tensor->kind == GD_TENSOR_MASK ? (units + 7) / 8
                                                        : units;
    }
    for (int32_t o = 0; o < tape->op_count; o += 3)
        s.scratch[o] = 1000 + 37 * (size_t)o;
    return s;
}

typedef struct span {
    size_t begin, end;
    int32_t first, last;
} span;

static void check_apart(const span *spans, int32_t count)
{
    for (int32_t a = 0; a < count; a++) {
        for (int32_t b = 0; b < a; b++) {
            const bool together = spans[a].first <= spans[b].last && spans[b].first <= spans[a].last;
            if (together && spans[a].begin < spans[b].end && spans[b].begin < spans[a].end)
                fail_msg("items %d and %d overlap", a, b);
        }
    }
}

/* Returns the most bytes alive at once, below which no arena can be. */
static size_t check_plan(const gd_tape *tape, sizes s)
{
    gd_memory_plan p;
    gd_error error;
    check_ok(gd_memory_plan_create(tape, s.tensors, s.scratch, &p, &error), error);
    span *spans = calloc((size_t)tape->tensor_count + (size_t)tape->op_count, sizeof *spans);
    assert_non_null(spans);
    int32_t count = 0;
    for (int32_t t = 0; t < tape->tensor_count; t++)
        spans[count++] = (span){p.tensor_at[t], p.tensor_at[t] + s.tensors[t], tape->tensors[t].first_op,
                                tape->tensors[t].last_op};
    for (int32_t o = 0; o < tape->op_count; o++) {
        if (s.scratch[o] > 0)
            spans[count++] = (span){p.scratch_at[o], p.scratch_at[o] + s.scratch[o], o, o};
    }
    check_apart(spans, count);
    size_t most = 0;
    for (int32_t o = 0; o < tape->op_count; o++) {
        size_t alive = 0;
        for (int32_t i = 0; i < count; i++)
            alive += spans[i].first <= o && o <= spans[i].last ? spans[i].end - spans[i].begin : 0;
        most = alive > most ? alive : most;
    }
    for (int32_t i = 0; i < count; i++) {
        assert_int_equal(spans[i].begin % 64, 0);
        assert_true(spans[i].end <= p.bytes);
    }
    assert_int_equal(p.bytes % 64, 0);
    assert_true(p.bytes >= most);
    assert_in_range(p.peak_op, 0, tape->op_count - 1);
    free(spans);
    gd_memory_plan_free(&p);
    return most;
}

static int32_t below(int32_t bound, int32_t a, int32_t b)
{
    return (int32_t)gd_random_below(11, GD_RANDOM_NOISE, bound, a, b, 0);
}

static void test_random_tapes(void **state)
{
    (void)state;
    for (int32_t trial = 0; trial < 50; trial++) {
        gd_tensor tensors[60];
        gd_op ops[40] = {0};
        const gd_tape tape = {.tensors = tensors, .tensor_count = 60, .ops = ops, .op_count = 40};
        const sizes s = make_sizes(&tape);
        for (int32_t t = 0; t < 60; t++) {
            const int32_t first = below(40, trial, t);
            tensors[t] = (gd_tensor){.first_op = first, .last_op = first + below(40 - first, trial, 100 + t)};
            s.tensors[t] = (size_t)below(5000, trial, 200 + t);
        }
        for (int32_t o = 0; o < 40; o += 2)
            s.scratch[o] = (size_t)below(9000, trial, 300 + o);
        (void)check_plan(&tape, s);
        free_sizes(s);
    }
}

static gd_tape *lower(const gd_net *net, const char *layer, int32_t rows, int32_t cols)
{
    gd_tape *tape;
    gd_error error;
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1}}, .count = 1};
    check_ok(gd_tape_lower(net, &objective, rows, cols, NULL, &tape, &error), error);
    return tape;
}

/* The arena is at most 5 % larger than what is alive at once. */
static void check_network(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols)
{
    gd_net *net = gd_net_create(architecture);
    assert_non_null(net);
    gd_tape *tape = lower(net, layer, rows, cols);
    for (size_t width = 2; width <= 8; width *= 2) {
        const sizes s = sizes_of(tape, width);
        const size_t most = check_plan(tape, s);
        gd_memory_plan p;
        gd_error error;
        check_ok(gd_memory_plan_create(tape, s.tensors, s.scratch, &p, &error), error);
        if ((double)p.bytes > 1.05 * (double)most)
            fail_msg("%s, %s, %d x %d: %zu bytes for %zu", net->name, layer, cols, rows, p.bytes, most);
        gd_memory_plan_free(&p);
        free_sizes(s);
    }
    gd_tape_free(tape);
    gd_net_free(net);
}

static void test_networks(void **state)
{
    (void)state;
    const int32_t extents[][2] = {{75, 75}, {299, 299}, {512, 512}, {333, 1040}, {2048, 2048}, {9000, 80}};
    for (size_t e = 0; e < sizeof extents / sizeof *extents; e++) {
        const int32_t rows = extents[e][0], cols = extents[e][1];
        check_network(GD_INCEPTION_V3, "mixed5", rows, cols);
        check_network(GD_INCEPTION_V3, "mixed10", rows, cols);
        check_network(GD_INCEPTION_RESNET_V2, "block8_10_mixed", rows, cols);
    }
}

/* At mixed5, fp32, nothing is larger than what the stem needs; this is what the limit of 240 rests on. */
static void test_bytes_per_pixel(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    gd_tape *tape = lower(net, "mixed5", 2048, 2048);
    const sizes s = sizes_of(tape, 4);
    gd_memory_plan p;
    gd_error error;
    check_ok(gd_memory_plan_create(tape, s.tensors, s.scratch, &p, &error), error);
    assert_true((double)p.bytes / (2048. * 2048.) < 100);
    gd_memory_plan_free(&p);
    free_sizes(s);
    gd_tape_free(tape);
    gd_net_free(net);
}

/* The same sizes give the same places, whatever was allocated before. */
static void test_deterministic(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_RESNET_V2);
    gd_tape *tape = lower(net, "block17_3_mixed", 300, 260);
    const sizes s = sizes_of(tape, 4);
    gd_memory_plan a, b;
    gd_error error;
    check_ok(gd_memory_plan_create(tape, s.tensors, s.scratch, &a, &error), error);
    check_ok(gd_memory_plan_create(tape, s.tensors, s.scratch, &b, &error), error);
    assert_int_equal(a.bytes, b.bytes);
    assert_memory_equal(a.tensor_at, b.tensor_at, (size_t)tape->tensor_count * sizeof(size_t));
    assert_memory_equal(a.scratch_at, b.scratch_at, (size_t)tape->op_count * sizeof(size_t));
    gd_memory_plan_free(&a);
    gd_memory_plan_free(&b);
    free_sizes(s);
    gd_tape_free(tape);
    gd_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_tapes),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_bytes_per_pixel),
        cmocka_unit_test(test_deterministic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
