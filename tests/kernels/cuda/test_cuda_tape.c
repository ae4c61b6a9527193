/* Whole tapes on the device: the gradients of the Keras fixtures, and bits that depend on nothing but the
 * window. */
#include "base/apart/apart.h"
#include "fixture.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/run.h"
#include "kernels/net_case.h"
#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const gd_backend *const cuda = &gd_backend_cuda;
static fixture_choice choice = FIXTURE_FEW;

static double gradient_error(const fixture *f, const float *gradient)
{
    const int64_t count = (int64_t)f->rows * f->cols * 3;
    double *ours = malloc((size_t)count * sizeof *ours);
    assert_non_null(ours);
    for (int64_t i = 0; i < count; i++)
        ours[i] = gradient[i];
    const double error = relative_l2(ours, f->gradient, count);
    free(ours);
    return error;
}

/* float32 end to end: a unit within rounding of zero may switch, and one that does changes the gradient of
 * all that it sees; PyTorch's own error lies between 1e-6 and 4e-2 (docs/backends.md). Returns the error. */
static double check_fixture(const char *path)
{
    gd_error error = {{0}};
    fixture f;
    gd_tape *tape;
    gd_filter_values *filters;
    side s;
    fixture_load(path, &f);
    check_ok(
        gd_tape_lower(f.net, &f.objective, f.rows, f.cols, &(gd_lower_options){.dense = true}, &tape, &error),
        error);
    check_ok(gd_filters_fold(tape, f.net, f.weights, &filters, &error), error);
    gd_device *device = side_open(cuda, &(gd_device_options){.precision = GD_PRECISION_FP32}, tape, filters);
    side_create(&s, cuda, device, tape, NULL);
    float *gradient = side_gradient(&s, f.window);
    const double off = gradient_error(&f, gradient);
    print_message("%s: %.1e\n", strrchr(path, '/') + 1, off);
    if (!(off <= 4e-2))
        fail_msg("%s: the gradient is off by %g", path, off);
    free(gradient);
    side_free(&s);
    cuda->close(device);
    gd_filters_free(filters, tape->filter_count);
    gd_tape_free(tape);
    fixture_free(&f);
    return off;
}

/* Without a unit that switches, all is well to 1e-5: so it is for nearly all of them. */
static void test_fixtures(void **state)
{
    (void)state;
    char **paths = fixture_list(choice);
    int32_t count = 0, close = 0;
    for (; paths[count]; count++)
        close += check_fixture(paths[count]) <= 1e-5;
    assert_true(close * 4 >= count * 3);
    fixture_free_list(paths);
}

/* A network to mixed5 in bf16, and the same for a window of another shape on the same device and arena. */
typedef struct pair {
    net_case c;
    gd_tape *other;
    side second;
    float *windows[2]; /* of the first shape, and of the second */
} pair;

static void pair_open(pair *p)
{
    gd_error error = {{0}};
    gd_objective objective = {.count = 1};
    net_case_create(&p->c, cuda, GD_INCEPTION_V3, "mixed5", 91, 107, GD_PRECISION_BF16, 0);
    objective.terms[0] =
        (gd_term){.node = p->c.net->layers[gd_net_find_layer(p->c.net, "mixed5")].node, .weight = 1.0};
    check_ok(
        gd_tape_lower(p->c.net, &objective, 83, 91, &(gd_lower_options){.dense = true}, &p->other, &error),
        error);
    side_create(&p->second, cuda, p->c.tested.device, p->other, p->c.tested.arena);
    assert_true(cuda->arena_bytes(p->second.program) <= cuda->arena_bytes(p->c.tested.program));
    p->windows[0] = p->c.window;
    p->windows[1] = malloc(side_picture_bytes(p->other));
    assert_non_null(p->windows[1]);
    memcpy(p->windows[1], p->c.window, side_picture_bytes(p->other));
}

static void pair_close(pair *p)
{
    free(p->windows[1]);
    side_free(&p->second);
    gd_tape_free(p->other);
    net_case_free(&p->c);
}

static void check_same(const pair *p, int which, const float *expected)
{
    const side *s = which ? &p->second : &p->c.tested;
    float *gradient = side_gradient(s, p->windows[which]);
    assert_memory_equal(gradient, expected, side_picture_bytes(s->tape));
    free(gradient);
}

static void check_finite(const float *gradient, size_t bytes)
{
    double size = 0;
    for (size_t i = 0; i < bytes / sizeof *gradient; i++)
        size += (double)gradient[i] * gradient[i];
    assert_true(size > 0 && size < 1e30); /* false for NaN, too */
}

/* The first run of a program goes operation by operation, the second captures, later ones replay; what the
 * arena held, another shape in between, and another window before it leave no trace. */
static void test_bits(void **state)
{
    (void)state;
    pair p;
    pair_open(&p);
    float *first[2] = {side_gradient(&p.c.tested, p.windows[0]), side_gradient(&p.second, p.windows[1])};
    check_finite(first[0], side_picture_bytes(p.c.tape));
    check_finite(first[1], side_picture_bytes(p.other));
    assert_null(p.c.tested.program->graph);
    for (int turn = 0; turn < 2; turn++) {
        check_same(&p, 0, first[0]);
        check_same(&p, 1, first[1]);
    }
    assert_non_null(p.c.tested.program->graph);
    side_spoil(&p.c.tested);
    check_same(&p, 0, first[0]);
    gd_cuda_use_graphs(p.c.tested.device, false);
    check_same(&p, 0, first[0]);
    free(first[0]);
    free(first[1]);
    pair_close(&p);
}

/* Another window through the same graph has its own gradient. */
static void test_windows(void **state)
{
    (void)state;
    pair p;
    pair_open(&p);
    const size_t bytes = side_picture_bytes(p.c.tape);
    float *turned = malloc(bytes);
    assert_non_null(turned);
    for (size_t i = 0; i < bytes / sizeof *turned; i++)
        turned[i] = -p.c.window[i];
    gd_cuda_use_graphs(p.c.tested.device, false);
    float *plain = side_gradient(&p.c.tested, p.c.window), *negative = side_gradient(&p.c.tested, turned);
    assert_memory_not_equal(plain, negative, bytes);
    gd_cuda_use_graphs(p.c.tested.device, true);
    float *replayed[2] = {side_gradient(&p.c.tested, p.c.window), side_gradient(&p.c.tested, turned)};
    assert_memory_equal(plain, replayed[0], bytes);
    assert_memory_equal(negative, replayed[1], bytes);
    float *const all[] = {turned, plain, negative, replayed[0], replayed[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    pair_close(&p);
}

/* A graph works in one arena; in another one it is made anew. */
static void test_arenas(void **state)
{
    (void)state;
    pair p;
    gd_error error = {{0}};
    void *arena = NULL;
    pair_open(&p);
    side *s = &p.c.tested;
    float *first = side_gradient(s, p.windows[0]);
    check_same(&p, 0, first);
    const cudaGraphExec_t before = s->program->graph;
    assert_non_null(before);
    check_ok(
        s->memory->class->allocate(s->memory, GD_FOR_TENSORS, cuda->arena_bytes(s->program), &arena, &error),
        error);
    void *const old = s->arena;
    s->arena = arena; /* never written: a graph that worked in the old one would leave it so */
    check_same(&p, 0, first);
    assert_ptr_equal(s->program->graph_arena, arena);
    s->memory->class->release(s->memory, GD_FOR_TENSORS, old);
    check_same(&p, 0, first);
    free(first);
    p.second.arena = arena;
    pair_close(&p);
}

/* Computes windows of the first shape, with and without a graph. */
typedef struct flight {
    const pair *p;
    gd_status status;
    gd_error error;
} flight;

static void *fly(void *data)
{
    flight *f = data;
    const side *s = &f->p->c.tested;
    double sums[2];
    for (int turn = 0; turn < 4 && f->status == GD_OK; turn++) {
        f->status = cuda->run(s->program, s->arena, 0, s->tape->op_count, s->window, s->gradient, &f->error);
        if (f->status == GD_OK)
            f->status = cuda->moments(s->device, s->gradient, s->tape->rows, s->tape->cols, s->tape->cols * 3,
                                      sums, &f->error);
        if (f->status == GD_OK)
            f->status = cuda->finish(s->device, &f->error);
    }
    return NULL;
}

/* One thread computes, captures included, while another moves pixels and allocates. */
static void test_two_threads(void **state)
{
    (void)state;
    pair p;
    pthread_t thread;
    pair_open(&p);
    const side *s = &p.c.tested, *other = &p.second;
    const size_t bytes = side_picture_bytes(s->tape), less = side_picture_bytes(p.other);
    side_bring(s->memory, s->window, p.c.window, bytes);
    float *back = malloc(less);
    assert_non_null(back);
    flight f = {.p = &p};
    assert_int_equal(pthread_create(&thread, NULL, fly, &f), 0);
    for (int turn = 0; turn < 20; turn++) {
        gd_error error = {{0}};
        void *extra = NULL;
        const int64_t cols = p.other->cols;
        check_ok(s->memory->class->allocate(s->memory, GD_FOR_MESSAGES, less, &extra, &error), error);
        const gd_rect_copy copy = {extra, other->window, cols * 3, cols * 3, p.other->rows, cols * 3};
        side_bring(s->memory, other->window, p.windows[1], less);
        check_ok(s->memory->class->copy(s->memory, &copy, 1, &error), error);
        side_fetch(s->memory, back, extra, less);
        assert_memory_equal(back, p.windows[1], less);
        s->memory->class->release(s->memory, GD_FOR_MESSAGES, extra);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    check_ok(f.status, f.error);
    float *moved = malloc(bytes);
    assert_non_null(moved);
    side_fetch(s->memory, moved, s->gradient, bytes);
    check_same(&p, 0, moved);
    free(moved);
    free(back);
    pair_close(&p);
}

/* A gradient that is not finite is found out when it is waited for. */
static void test_overflow(void **state)
{
    (void)state;
    gd_error error = {{0}};
    pair p;
    double sums[2];
    pair_open(&p);
    side *s = &p.c.tested;
    const int32_t last = p.c.tape->op_count - 1;
    side_spoil(s);
    check_ok(cuda->run(s->program, s->arena, last, last + 1, s->window, s->gradient, &error), error);
    check_ok(cuda->moments(s->device, s->gradient, 1, 1, 3, sums, &error), error);
    assert_int_equal(cuda->finish(s->device, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "not a finite number"));
    assert_int_equal(cuda->finish(s->device, &error), GD_BACKEND);
    pair_close(&p);
}

/* test_cuda_tape [all] */
int main(int argc, char **argv)
{
    gd_apart_start();
    if (argc > 1 && strcmp(argv[1], "all") == 0)
        choice = FIXTURE_ALL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits),        cmocka_unit_test(test_windows),  cmocka_unit_test(test_arenas),
        cmocka_unit_test(test_two_threads), cmocka_unit_test(test_overflow), cmocka_unit_test(test_fixtures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
