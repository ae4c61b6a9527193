/* Windows that shrink: the gradient of the focus is that of the whole window, bit for bit, nothing that was
 * not computed is read (the arena begins as NaN), and the units that are computed are those that a search by
 * single units finds. */
#include "check.h"
#include "fixture.h"
#include "net/lower/lower.h"
#include "net/need_maps.h"
#include "net/objective.h"
#include "net/tape_runner.h"
#include "net/toy_net.h"
#include "tools/hash_weights.h"
#include "tools/v1_traits.h"

#include <stdlib.h>
#include <string.h>

/* A network, hash weights for what its objective needs, and a window. */
typedef struct scene {
    const gd_net *net;
    gd_objective objective;
    int32_t rows, cols;
    gd_weights *weights; /* owned */
    float *window;       /* owned */
    double *whole;       /* owned; the gradient of the whole window */
} scene;

static scene make_scene(const gd_net *net, const gd_objective *objective, int32_t rows, int32_t cols)
{
    scene s = {.net = net, .objective = *objective, .rows = rows, .cols = cols};
    bool needed[net->node_count];
    gd_objective_needs(net, objective, needed);
    s.weights = hash_weights_create(net, needed);
    s.window = make_window(rows, cols);
    s.whole = malloc((size_t)rows * (size_t)cols * 3 * sizeof *s.whole);
    assert_true(s.weights && s.whole);
    tape_gradient(net, s.weights, objective, rows, cols, NULL, s.window, s.whole);
    return s;
}

static void free_scene(scene *s)
{
    gd_weights_free(s->weights);
    free(s->window);
    free(s->whole);
}

static void check_gradient(const scene *s, const gd_lower_options *options)
{
    const gd_rect focus = options->focus;
    const size_t row = (size_t)focus.cols * 3;
    double *gradient = malloc((size_t)focus.rows * row * sizeof *gradient);
    assert_non_null(gradient);
    tape_gradient(s->net, s->weights, &s->objective, s->rows, s->cols, options, s->window, gradient);
    for (int64_t y = 0; y < focus.rows; y++) {
        const double *expected = s->whole + ((focus.y + y) * s->cols + focus.x) * 3;
        if (memcmp(gradient + (size_t)y * row, expected, row * sizeof *gradient) != 0)
            fail_msg("%s, node %d, window %d x %d, focus %d x %d at (%d, %d): row %d differs", s->net->name,
                     s->objective.terms[0].node, s->cols, s->rows, (int)focus.cols, (int)focus.rows,
                     (int)focus.x, (int)focus.y, (int)y);
    }
    free(gradient);
}

/* Units, channels counted, that forward operations write and that gradients have. */
static void count_units(const gd_tape *tape, int64_t *forward, int64_t *back)
{
    *forward = *back = 0;
    for (int32_t o = 0; o < tape->first_backward; o++) {
        const gd_tensor *dst = &tape->tensors[tape->ops[o].dst.tensor];
        if (tape->ops[o].kind != GD_OP_COPY)
            *forward += (int64_t)tape->ops[o].dst.channels * dst->rows * dst->cols;
    }
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        const gd_tensor *tensor = &tape->tensors[t];
        if (tensor->kind == GD_TENSOR_VALUES && tensor->first_op >= tape->first_backward)
            *back += (int64_t)tensor->channels * tensor->rows * tensor->cols;
    }
}

/* Without sums in place and without merging, every node has a tensor of its own or a part of its concat's.
 * Along an axis that the focus covers, tapes keep the last pixels that nobody reads; a focus of a single
 * pixel may be such a one. */
static void check_units(const scene *s, gd_rect focus)
{
    if (focus.rows == s->rows || focus.cols == s->cols || gd_rect_area(focus) == 1)
        return;
    const gd_lower_options options = {.focus = focus, .no_in_place = true, .no_merge = true};
    gd_tape *tape;
    gd_error error;
    int64_t forward, back, expected_forward, expected_back;
    check_ok(gd_tape_lower(s->net, &s->objective, s->rows, s->cols, &options, &tape, &error), error);
    count_units(tape, &forward, &back);
    gd_tape_free(tape);
    need_maps_count(s->net, &s->objective, s->rows, s->cols, focus, &expected_forward, &expected_back);
    if (forward != expected_forward || back != expected_back)
        fail_msg(
            "%s, node %d, window %d x %d, focus %d x %d at (%d, %d): %lld units forward and %lld back, for "
            "%lld and %lld",
            s->net->name, s->objective.terms[0].node, s->cols, s->rows, (int)focus.cols, (int)focus.rows,
            (int)focus.x, (int)focus.y, (long long)forward, (long long)back, (long long)expected_forward,
            (long long)expected_back);
}

static double macs_of(const scene *s, const gd_lower_options *options)
{
    gd_tape *tape;
    gd_error error;
    double macs = 0;
    check_ok(gd_tape_lower(s->net, &s->objective, s->rows, s->cols, options, &tape, &error), error);
    for (int32_t o = 0; o < tape->op_count; o++)
        macs += gd_op_macs(tape, &tape->ops[o]);
    gd_tape_free(tape);
    return macs;
}

static void check_focus(const scene *s, gd_rect focus)
{
    const gd_lower_options shrunk = {.focus = focus}, unshrunk = {.focus = focus, .no_shrink = true};
    check_gradient(s, &shrunk);
    check_units(s, focus);
    assert_true(macs_of(s, &shrunk) <= macs_of(s, &unshrunk));
    assert_true(macs_of(s, &unshrunk) == macs_of(s, &(gd_lower_options){0}));
}

/* Corners, edges, the middle, single pixels and all. */
static int32_t list_foci(int32_t rows, int32_t cols, gd_rect foci[8])
{
    const int32_t third = rows / 3, half = cols / 2;
    const gd_rect all[] = {{0, 0, third, half},
                           {third, 0, third, cols},
                           {rows - third, cols - half, third, half},
                           {third + 1, half / 2, third - 1, half + 1},
                           {rows - 1, cols - 1, 1, 1},
                           {third, half, 1, 1},
                           {0, half, rows, 3},
                           {0, 0, rows, cols}};
    memcpy(foci, all, sizeof all);
    return (int32_t)(sizeof all / sizeof *all);
}

static void check_scene(scene *s, int32_t most)
{
    gd_rect foci[8];
    const int32_t count = list_foci(s->rows, s->cols, foci);
    for (int32_t i = 0; i < count && i < most; i++)
        check_focus(s, foci[i]);
    free_scene(s);
}

static void test_toy_nodes(void **state)
{
    (void)state;
    for (int32_t n = 1; n < TOY_NODES; n++) {
        const gd_objective objective = {
            .terms = {{.node = n, .weight = 1.5}}, .count = 1, .own_units = n % 2 == 0};
        if (toy_is_branch(n))
            continue;
        scene s = make_scene(&toy_net, &objective, 37, 42);
        check_scene(&s, 8);
    }
}

/* A shallow and a deep term: each has a need of its own. */
static void test_toy_pairs(void **state)
{
    (void)state;
    for (int32_t a = 2; a < TOY_NODES; a++)
        for (int32_t b = 1 + a % 3; b < a; b += 7) {
            const gd_objective objective = {.terms = {{.node = a, .weight = 1}, {.node = b, .weight = -2}},
                                            .count = 2};
            if (toy_is_branch(a) || toy_is_branch(b))
                continue;
            scene s = make_scene(&toy_net, &objective, 41, 33);
            check_scene(&s, 3);
        }
}

/* All passes may be left out. */
static void test_toy_passes(void **state)
{
    (void)state;
    const gd_objective objective = {
        .terms = {{.node = 23, .weight = 1}, {.node = 24, .weight = 0.5}, {.node = 9, .weight = 2}},
        .count = 3};
    gd_lower_options options[] = {{.no_merge = true},    {.no_pool_move = true},
                                  {.no_in_place = true}, {.no_shrink = true},
                                  {.dense = true},       {.dense = true, .no_merge = true}};
    scene s = make_scene(&toy_net, &objective, 45, 37);
    double *whole = s.whole;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const size_t bytes = (size_t)s.rows * (size_t)s.cols * 3 * sizeof *whole;
        s.whole = malloc(bytes);
        assert_non_null(s.whole);
        tape_gradient(s.net, s.weights, &s.objective, s.rows, s.cols, &options[i], s.window, s.whole);
        options[i].focus = (gd_rect){12, 9, 17, 15};
        check_gradient(&s, &options[i]);
        free(s.whole);
    }
    s.whole = whole;
    free_scene(&s);
}

static gd_term term_of(const gd_net *net, const char *name)
{
    for (int32_t n = 0; n < net->node_count; n++)
        if (strcmp(net->nodes[n].name, name) == 0)
            return (gd_term){.node = n, .weight = 1};
    fail_msg("%s has no node %s", net->name, name);
    return (gd_term){0};
}

/* `sum`: the residual sum behind the node `deep`. */
static void check_net(gd_net *net, const char *deep, const char *shallow, bool sum, int32_t rows,
                      int32_t cols, int32_t most)
{
    assert_non_null(net);
    gd_objective objective = {.terms = {term_of(net, deep)}, .count = 1};
    objective.terms[0].node += sum;
    if (shallow)
        objective.terms[objective.count++] = term_of(net, shallow);
    scene s = make_scene(net, &objective, rows, cols);
    check_scene(&s, most);
    gd_net_free(net);
}

static void check_network(gd_architecture architecture, const char *deep, const char *shallow, bool sum,
                          int32_t rows, int32_t cols, int32_t most)
{
    check_net(gd_net_create(architecture), deep, shallow, sum, rows, cols, most);
}

/* Normalizations, pools that round up, and padding as Caffe and TensorFlow have it. */
static void test_inception_v1(void **state)
{
    (void)state;
    const gd_net_traits traits = v1_traits_5h();
    check_network(GD_INCEPTION_V1, "pool2/3x3_s2", "pool1/norm1", false, 75, 66, 2);
    check_net(gd_net_create_as(GD_INCEPTION_V1, &traits), "conv2/norm2", NULL, false, 67, 60, 1);
}

static void test_inception_v3(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_V3, "mixed0", NULL, false, 149, 170, 4);
    check_network(GD_INCEPTION_V3, "mixed3", "mixed1", false, 131, 122, 2);
    check_network(GD_INCEPTION_V3, "mixed10", "mixed2", false, 100, 95, 1);
}

static void test_inception_resnet(void **state)
{
    (void)state;
    check_network(GD_INCEPTION_RESNET_V2, "block35_2_conv", NULL, true, 111, 120, 2);
    check_network(GD_INCEPTION_RESNET_V2, "block17_2_mixed", "mixed_5b", false, 107, 93, 1);
    check_network(GD_INCEPTION_RESNET_V2, "block8_10_conv", NULL, true, 80, 88, 1);
}

/* A focus that is no part of the window. */
static void test_refused(void **state)
{
    (void)state;
    const gd_objective objective = {.terms = {{.node = 4, .weight = 1}}, .count = 1};
    const gd_lower_options options = {.focus = {4, 4, 20, 20}};
    gd_tape *tape;
    gd_error error;
    assert_int_equal(gd_tape_lower(&toy_net, &objective, 21, 25, &options, &tape, &error), GD_INTERNAL);
    assert_null(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_toy_nodes),    cmocka_unit_test(test_toy_pairs),
        cmocka_unit_test(test_toy_passes),   cmocka_unit_test(test_inception_v1),
        cmocka_unit_test(test_inception_v3), cmocka_unit_test(test_inception_resnet),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
