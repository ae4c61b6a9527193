/* Each pass of the lowering leaves the gradient as it is, and nothing reads what is dead: dead bytes are
 * filled with NaN. */
#include "check.h"
#include "fixture.h"
#include "net/lower/lower.h"
#include "net/memory_plan.h"
#include "net/objective.h"
#include "net/tape_runner.h"
#include "tools/hash_weights.h"

#include <stdlib.h>
#include <string.h>

/* A network, hash weights for what its objective needs, and a window. */
typedef struct scene {
    gd_net *net;         /* owned */
    gd_weights *weights; /* owned */
    gd_objective objective;
    int32_t rows, cols;
    int64_t count;
    float *window; /* owned */
} scene;

static scene make_scene(gd_architecture architecture, const char *layer, int32_t rows, int32_t cols)
{
    scene s = {
        .net = gd_net_create(architecture), .rows = rows, .cols = cols, .count = (int64_t)rows * cols * 3};
    assert_non_null(s.net);
    s.objective = one_layer(s.net, layer);
    bool needed[s.net->node_count];
    gd_objective_needs(s.net, &s.objective, needed);
    s.weights = hash_weights_create(s.net, needed);
    assert_non_null(s.weights);
    s.window = make_window(rows, cols);
    return s;
}

static void free_scene(scene *s)
{
    gd_weights_free(s->weights);
    gd_net_free(s->net);
    free(s->window);
}

static double *gradient_of(const scene *s, const gd_lower_options *options)
{
    double *gradient = malloc((size_t)s->count * sizeof *gradient);
    assert_non_null(gradient);
    tape_gradient(s->net, s->weights, &s->objective, s->rows, s->cols, options, s->window, gradient);
    return gradient;
}

static void check_options(const scene *s)
{
    const gd_lower_options without[] = {{.no_merge = true},
                                        {.no_pool_move = true},
                                        {.no_in_place = true},
                                        {.dense = true},
                                        {.no_merge = true, .no_pool_move = true, .no_in_place = true}};
    double *all_passes = gradient_of(s, NULL);
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        double *gradient = gradient_of(s, &without[i]);
        const double error = relative_l2(gradient, all_passes, s->count);
        print_message("%s without pass %zu: %.1e\n", s->net->name, i, error);
        if (!(error <= 1e-12))
            fail_msg("%s without pass %zu: the gradient changes by %g", s->net->name, i, error);
        free(gradient);
    }
    free(all_passes);
}

static void test_passes_v3(void **state)
{
    (void)state;
    scene s = make_scene(GD_INCEPTION_V3, "mixed10", 77, 90);
    check_options(&s);
    free_scene(&s);
}

static void test_passes_resnet(void **state)
{
    (void)state;
    scene s = make_scene(GD_INCEPTION_RESNET_V2, "block17_3_mixed", 80, 75);
    check_options(&s);
    free_scene(&s);
}

/* Where the reference backend puts the tensors: 8 bytes a value, 1 a mask or winner. */
static gd_memory_plan place(const gd_tape *tape, size_t *bytes)
{
    gd_memory_plan plan;
    gd_error error;
    size_t *scratch = calloc((size_t)tape->op_count, sizeof *scratch);
    assert_non_null(scratch);
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        const gd_tensor *x = &tape->tensors[t];
        bytes[t] = (size_t)x->channels * (size_t)x->rows * (size_t)x->cols *
                   (x->kind == GD_TENSOR_VALUES ? sizeof(double) : 1);
    }
    check_ok(gd_memory_plan_create(tape, bytes, scratch, &plan, &error), error);
    free(scratch);
    return plan;
}

/* Fills every byte of the arena that no tensor needs after operation `op`. */
static void poison(const tape_runner *runner, const gd_memory_plan *plan, const size_t *bytes, int32_t op)
{
    const gd_tape *tape = runner->tape;
    char *kept = malloc(runner->arena_bytes);
    assert_non_null(kept);
    memcpy(kept, runner->arena, runner->arena_bytes);
    memset(runner->arena, 0xff, runner->arena_bytes);
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        if (tape->tensors[t].first_op <= op && op < tape->tensors[t].last_op)
            memcpy(runner->arena + plan->tensor_at[t], kept + plan->tensor_at[t], bytes[t]);
    }
    free(kept);
}

/* Bit for bit: one operation at a time with poison between, and all at once. */
static void check_poison(const scene *s, const gd_lower_options *options)
{
    tape_runner runner;
    tape_runner_create(&runner, s->net, s->weights, &s->objective, s->rows, s->cols, options);
    const int32_t op_count = runner.tape->op_count;
    size_t *bytes = calloc((size_t)runner.tape->tensor_count, sizeof *bytes);
    double *poisoned = malloc((size_t)s->count * sizeof *poisoned);
    assert_non_null(bytes);
    assert_non_null(poisoned);
    gd_memory_plan plan = place(runner.tape, bytes);
    assert_int_equal(plan.bytes, runner.arena_bytes);
    for (int32_t o = 0; o < op_count; o++) {
        tape_runner_run(&runner, o, o + 1, s->window);
        if (o < op_count - 1)
            poison(&runner, &plan, bytes, o);
    }
    tape_runner_gradient(&runner, poisoned);
    double *gradient = gradient_of(s, options);
    assert_memory_equal(poisoned, gradient, (size_t)s->count * sizeof *gradient);
    for (int64_t i = 0; i < s->count; i++)
        assert_true(gradient[i] == gradient[i]);
    free(gradient);
    free(poisoned);
    free(bytes);
    gd_memory_plan_free(&plan);
    tape_runner_free(&runner);
}

static void test_poison_v3(void **state)
{
    (void)state;
    scene s = make_scene(GD_INCEPTION_V3, "mixed9", 75, 79);
    s.objective.terms[s.objective.count++] =
        (gd_term){.node = one_layer(s.net, "mixed9_0").terms[0].node, .weight = 2};
    s.objective.terms[s.objective.count++] =
        (gd_term){.node = one_layer(s.net, "mixed3").terms[0].node, .weight = 0.5};
    check_poison(&s, NULL);
    check_poison(&s, &(gd_lower_options){.dense = true});
    check_poison(&s, &(gd_lower_options){.no_merge = true, .no_pool_move = true, .no_in_place = true});
    free_scene(&s);
}

static void test_poison_resnet(void **state)
{
    (void)state;
    scene s = make_scene(GD_INCEPTION_RESNET_V2, "block17_2_mixed", 76, 75);
    check_poison(&s, NULL);
    check_poison(&s, &(gd_lower_options){.dense = true});
    check_poison(&s, &(gd_lower_options){.no_merge = true, .no_pool_move = true, .no_in_place = true});
    free_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_v3),
        cmocka_unit_test(test_passes_resnet),
        cmocka_unit_test(test_poison_v3),
        cmocka_unit_test(test_poison_resnet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
