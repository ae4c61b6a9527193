/* The model of what operations cost counts just the launches that the backend makes: operation by operation,
 * and for a whole tape, with and without a CUDA graph. */
#include "gpu_cost.h"
#include "kernels/cuda/cuda.h"
#include "kernels/side.h"
#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "standin/standin.h"
#include "tools/hash_weights.h"

#include <math.h>
#include <stdlib.h>

typedef struct network {
    gd_net *net;
    gd_tape *tape;
    gd_filter_values *filters;
    side s;
} network;

static void open_network(network *n, gd_architecture architecture, const char *layer, int32_t rows,
                         int32_t cols, const gd_lower_options *options)
{
    gd_error error = {{0}};
    gd_objective objective = {.count = 1};
    n->net = gd_net_create(architecture);
    assert_non_null(n->net);
    const int32_t found = gd_net_find_layer(n->net, layer);
    assert_true(found >= 0);
    objective.terms[0] = (gd_term){.node = n->net->layers[found].node, .weight = 1};
    check_ok(gd_tape_lower(n->net, &objective, rows, cols, options, &n->tape, &error), error);
    bool *needed = calloc((size_t)n->net->node_count, sizeof *needed);
    assert_non_null(needed);
    gd_objective_needs(n->net, &objective, needed);
    gd_weights *weights = hash_weights_create(n->net, needed);
    free(needed);
    assert_non_null(weights);
    check_ok(gd_filters_fold(n->tape, n->net, weights, &n->filters, &error), error);
    gd_weights_free(weights);
    gd_device *device = side_open(&gd_backend_cuda, &(gd_device_options){.precision = GD_PRECISION_BF16},
                                  n->tape, n->filters);
    side_create(&n->s, &gd_backend_cuda, device, n->tape, NULL);
    float *window = calloc(1, side_picture_bytes(n->tape));
    assert_non_null(window);
    side_bring(n->s.memory, n->s.window, window, side_picture_bytes(n->tape));
    free(window);
}

static void close_network(network *n)
{
    gd_device *device = n->s.device;
    side_free(&n->s);
    gd_backend_cuda.close(device);
    gd_filters_free(n->filters, n->tape->filter_count);
    gd_tape_free(n->tape);
    gd_net_free(n->net);
}

/* What has run on the device when [first, last) has: nothing for (0, 0). */
static uint64_t count_run(const network *n, int32_t first, int32_t last)
{
    gd_error error = {{0}};
    const uint64_t before = gd_standin_ran();
    if (last > first)
        check_ok(
            gd_backend_cuda.run(n->s.program, n->s.arena, first, last, n->s.window, n->s.gradient, &error),
            error);
    check_ok(gd_backend_cuda.finish(n->s.device, &error), error);
    return gd_standin_ran() - before;
}

static uint64_t launches(const gpu_cost *cost)
{
    return (uint64_t)(cost->convs + cost->kernels); /* copies are within cuDNN's plans */
}

static void check_network(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                          const gd_lower_options *options)
{
    network n;
    open_network(&n, architecture, layer, rows, cols, options);
    const uint64_t waiting = count_run(&n, 0, 0);
    for (int32_t o = 0, first, end; o < n.tape->op_count; o = end) { /* by groups */
        gpu_cost cost = {0};
        gd_tape_group(n.tape, o, &first, &end);
        for (int32_t i = o; i < end; i++) {
            const gpu_cost one = gpu_cost_of(n.tape, &n.tape->ops[i]);
            gpu_cost_add(&cost, &one);
        }
        const uint64_t ran = count_run(&n, o, end) - waiting;
        if (ran != launches(&cost))
            fail_msg("%s, operation %d of kind %d: %llu launches, and the model says %llu", layer, o,
                     n.tape->ops[o].kind, (unsigned long long)ran, (unsigned long long)launches(&cost));
    }
    const gpu_cost all = gpu_tape_cost(n.tape);
    for (int turn = 0; turn < 3; turn++) /* one by one, captured, replayed */
        assert_int_equal(count_run(&n, 0, n.tape->op_count) - waiting, launches(&all));
    assert_non_null(n.s.program->graph);
    print_message("%s to %s: %d + %d launches\n", n.net->title, layer, all.convs, all.kernels);
    close_network(&n);
}

static void test_inception(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed10", 83, 75, &(gd_lower_options){.dense = true});
}

/* Residual sums, in place and not. */
static void test_residual(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_RESNET_V2, "block8_10_mixed", 75, 83, &(gd_lower_options){.dense = true});
    check_network(GD_INCEPTION_RESNET_V2, "mixed_6a", 75, 75,
                  &(gd_lower_options){.no_in_place = true, .no_merge = true});
}

/* Each share of the peaks gives its own time: bytes alone, FLOP alone, launches alone. */
static void test_seconds(void **state)
{
    (void)state;
    const gd_gpu_kind *h100 = gd_gpu_kind_named("NVIDIA H100 80GB HBM3");
    assert_non_null(h100);
    const gpu_cost flop = {.flop = h100->peak_flops}, conv = {.conv_bytes = h100->peak_bytes, .flop = 1},
                   own = {.own_bytes = h100->peak_bytes}, copy = {.copy_bytes = h100->peak_bytes},
                   sums = {.own_flop = 2.0 * h100->lanes * h100->processors * 1e3 * h100->clock_khz},
                   calls = {.convs = 3, .copies = 5, .kernels = 4};
    assert_float_equal(gpu_seconds(&flop, h100, &gpu_at_peak), 1, 1e-9);
    assert_float_equal(gpu_seconds(&conv, h100, &gpu_at_peak), 1, 1e-9);
    assert_float_equal(gpu_seconds(&own, h100, &gpu_at_peak), 1, 1e-9);
    assert_float_equal(gpu_seconds(&copy, h100, &gpu_at_peak), 1, 1e-9);
    assert_float_equal(gpu_seconds(&sums, h100, &gpu_at_peak), 1, 1e-9);
    assert_float_equal(gpu_seconds(&calls, h100, &gpu_at_peak), 0, 1e-9);
    assert_float_equal(gpu_seconds(&flop, h100, &gpu_fast), 1 / gpu_fast.flops, 1e-9);
    assert_float_equal(gpu_seconds(&own, h100, &gpu_slow), 1 / gpu_slow.bytes, 1e-9);
    assert_float_equal(gpu_seconds(&calls, h100, &gpu_slow), 12 * gpu_slow.launch, 1e-12);
}

/* A plan without a device goes by the speed that the table has, which is the model's for a window of 2304 px:
 * within a tenth. */
static void test_speeds(void **state)
{
    (void)state;
    gd_error error = {{0}};
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    assert_non_null(net);
    gd_objective objective = {.count = 1};
    gd_tape *tape = NULL;
    objective.terms[0] = (gd_term){.node = net->layers[gd_net_find_layer(net, "mixed5")].node, .weight = 1};
    check_ok(gd_tape_lower(net, &objective, 2304, 2304, &(gd_lower_options){.dense = true}, &tape, &error),
             error);
    const gpu_cost cost = gpu_tape_cost(tape);
    const double tflop = 1e-12 * (cost.flop + cost.own_flop);
    for (int k = 0; k < GD_GPU_KINDS; k++) {
        const gd_gpu_kind *kind = &gd_gpu_kinds[k];
        const double slow = tflop / gpu_tape_seconds(tape, kind, &gpu_slow),
                     fast = tflop / gpu_tape_seconds(tape, kind, &gpu_fast);
        if (fabs(kind->slow_tflops / slow - 1) > 0.1 || fabs(kind->fast_tflops / fast - 1) > 0.1)
            fail_msg("the table has %.0f .. %.0f TFLOP/s for %s, and the model %.0f .. %.0f",
                     kind->slow_tflops, kind->fast_tflops, kind->option, slow, fast);
    }
    gd_tape_free(tape);
    gd_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_seconds), cmocka_unit_test(test_speeds),
                                       cmocka_unit_test(test_inception), cmocka_unit_test(test_residual)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
