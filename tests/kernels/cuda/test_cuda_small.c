/* A small tape on the device, in seconds: each operation and the way back against the reference, graphs
 * against single operations, and two devices at once. Larger ones have tests of their own. */
#include "kernels/cuda/cuda.h"
#include "kernels/ops_case.h"
#include "net/fold.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const gd_backend *const cuda = &gd_backend_cuda;

static double bound_small(const net_case *c, int32_t o)
{
    (void)o;
    return c->tested.device->type == GD_CUDA_F32   ? 1e-5
           : c->tested.device->type == GD_CUDA_F16 ? 1.5e-3
                                                   : 1e-2;
}

/* A power of two, with float16 that which takes the largest seed to [2^-4, 2^-3). */
static void check_seed_scale(const net_case *c)
{
    const double scale = c->tested.program->seed_scale;
    double largest = 0;
    int exponent;
    for (int32_t o = 0; o < c->tape->op_count; o++)
        if (c->tape->ops[o].value != 0) /* of a seed, or of the seams that take its value */
            largest = fmax(largest, fabs(c->tape->ops[o].value));
    assert_true(largest > 0);
    assert_true(frexp(scale, &exponent) == 0.5);
    if (c->tested.device->type == GD_CUDA_F16)
        assert_true(largest * scale >= 0.0625 && largest * scale < 0.125);
    else
        assert_true(scale == 1);
}

/* The gradient, one operation at a time. */
static float *gradient_by_operations(const net_case *c)
{
    float *gradient = malloc(side_picture_bytes(c->tape));
    assert_non_null(gradient);
    for (int32_t o = 0; o < c->tape->op_count; o++)
        side_run(&c->tested, o, o + 1, c->window, gradient);
    return gradient;
}

static void check_precision(gd_precision precision, double switched, double way_back)
{
    const ops_bounds bounds = {bound_small, switched, way_back, NULL};
    net_case c;
    net_case_create(&c, cuda, GD_INCEPTION_V3, "mixed0", 75, 83, precision, 0);
    check_seed_scale(&c);
    c.scale = c.tested.program->seed_scale;
    check_operations(&c, "mixed0", &bounds);
    check_way_back(&c, "mixed0", &bounds);
    float *first = side_gradient(&c.tested, c.window);
    for (int turn = 0; turn < 3; turn++) { /* captured, then replayed */
        float *again = side_gradient(&c.tested, c.window);
        assert_memory_equal(again, first, side_picture_bytes(c.tape));
        free(again);
    }
    float *singly = gradient_by_operations(&c); /* seams too, which otherwise are launched in groups */
    assert_memory_equal(singly, first, side_picture_bytes(c.tape));
    free(singly);
    side other = c.tested; /* in another arena, never written, and the first one gone */
    side_create(&other, cuda, c.tested.device, c.tape, NULL);
    gd_program *const program = other.program;
    other.program = c.tested.program;
    c.tested.memory->class->release(c.tested.memory, GD_FOR_TENSORS, c.tested.arena);
    c.tested.arena = NULL;
    float *there = side_gradient(&other, c.window);
    assert_memory_equal(there, first, side_picture_bytes(c.tape));
    other.program = program;
    side_free(&other);
    free(there);
    free(first);
    net_case_free(&c);
}

static void check_shrunk(const char *layer, int32_t rows, int32_t cols, gd_rect focus)
{
    const ops_bounds bounds = {bound_small, 5e-2, 1.5e-2, NULL};
    net_case c;
    net_case_open_focused(&c, cuda, gd_net_create(GD_INCEPTION_V3), layer, rows, cols, focus,
                          &(gd_device_options){.precision = GD_PRECISION_BF16});
    c.scale = c.tested.program->seed_scale;
    check_operations(&c, layer, &bounds);
    check_way_back(&c, layer, &bounds);
    net_case_free(&c);
}

/* Windows that shrink: operations read and write parts of tensors, and products lines that lie apart. In the
 * second, seeds differ from channel to channel, and follow the activations. */
static void test_shrunk(void **state)
{
    (void)state;
    check_shrunk("mixed1", 99, 91, (gd_rect){40, 30, 16, 24});
    check_shrunk("mixed0@channels", 75, 83, (gd_rect){40, 30, 16, 24});
}

static void test_fp32(void **state)
{
    (void)state;
    check_precision(GD_PRECISION_FP32, 1e-3, 1e-4);
}

static void test_fp16(void **state)
{
    (void)state;
    check_precision(GD_PRECISION_FP16, 1e-2, 2e-3);
}

static void test_bf16(void **state)
{
    (void)state;
    check_precision(GD_PRECISION_BF16, 5e-2, 1.5e-2);
}

typedef struct job {
    const side *s;
    const float *window;
    float *gradient;
} job;

static void *compute(void *context)
{
    job *j = context;
    j->gradient = side_gradient(j->s, j->window);
    return NULL;
}

/* Each call finds its own device, whichever is current, also in a thread that has never used one. */
static void test_two_devices(void **state)
{
    (void)state;
    gd_error error = {{0}};
    net_case c;
    gd_device *devices[2] = {NULL, NULL};
    side sides[2];
    gd_device_facts facts[2];
    job jobs[2];
    memset(&c, 0, sizeof c);
    net_case_lower(&c, GD_INCEPTION_V3, "mixed0", 75, 83);
    float *window = calloc(1, side_picture_bytes(c.tape));
    assert_non_null(window);
    for (int i = 0; i < 2; i++) {
        check_ok(
            cuda->open(&(gd_device_options){.precision = GD_PRECISION_BF16, .place = i}, &devices[i], &error),
            error);
        cuda->facts(devices[i], &facts[i]);
    }
    const bool two = strcmp(facts[0].identity, facts[1].identity) != 0;
    for (int i = 0; i < 2; i++) {
        check_ok(cuda->load(devices[i], c.tape, c.filters, &error), error);
        side_create(&sides[i], cuda, devices[i], c.tape, NULL);
    }
    for (int i = 0; i < 2; i++) { /* one is current in this thread, none in a new one */
        pthread_t thread;
        jobs[i] = (job){&sides[i], window, NULL};
        assert_int_equal(pthread_create(&thread, NULL, compute, &jobs[i]), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        float *here = side_gradient(&sides[i], window);
        assert_memory_equal(here, jobs[i].gradient, side_picture_bytes(c.tape));
        free(here);
    }
    assert_memory_equal(jobs[0].gradient, jobs[1].gradient, side_picture_bytes(c.tape));
    for (int i = 0; i < 2; i++) {
        free(jobs[i].gradient);
        side_free(&sides[i]);
        cuda->close(devices[i]);
    }
    free(window);
    gd_filters_free(c.filters, c.tape->filter_count);
    gd_tape_free(c.tape);
    gd_net_free(c.net);
    if (!two)
        print_message("there is one device only: it was opened twice\n");
}

int main(void)
{
    setenv("GD_STANDIN_DEVICES", "2", 0); /* means nothing to a real device */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bf16), cmocka_unit_test(test_fp16),        cmocka_unit_test(test_shrunk),
        cmocka_unit_test(test_fp32), cmocka_unit_test(test_two_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
