/* The bits of a gradient depend neither on cores, nor on what the arena held, nor on other windows in flight.
 */
#include "kernels/cpu/cpu.h"
#include "kernels/net_case.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 203, COLS = 187 };

static float *gradient_on(const gd_device_options *options)
{
    net_case c;
    size_t bytes = (size_t)ROWS * COLS * 3 * sizeof(float);
    net_case_open(&c, &gd_backend_cpu, gd_net_create(GD_INCEPTION_V3), "mixed5", ROWS, COLS, options);
    net_case_run(&c, &c.tested, 0, c.tape->op_count);
    float *gradient = malloc(bytes);
    assert_non_null(gradient);
    memcpy(gradient, c.gradients[0], bytes);
    net_case_free(&c);
    return gradient;
}

static float *gradient_of(gd_precision precision, int32_t cores)
{
    return gradient_on(&(gd_device_options){.precision = precision, .cores = cores});
}

static void check_finite(const float *gradient)
{
    double size = 0;
    for (int i = 0; i < ROWS * COLS * 3; i++)
        size += (double)gradient[i] * gradient[i];
    assert_true(size > 0 && size < 1e30); /* false for NaN, too */
}

static void check_cores(gd_device_options options)
{
    static const int32_t cores[] = {1, 2, 0};
    size_t bytes = (size_t)ROWS * COLS * 3 * sizeof(float);
    float *gradients[3];
    for (int i = 0; i < 3; i++) {
        options.cores = cores[i];
        gradients[i] = gradient_on(&options);
        check_finite(gradients[i]);
        assert_memory_equal(gradients[0], gradients[i], bytes);
    }
    for (int i = 0; i < 3; i++)
        free(gradients[i]);
}

static void test_cores_fp32(void **state)
{
    (void)state;
    check_cores((gd_device_options){.precision = GD_PRECISION_FP32});
}

static void test_cores_bf16(void **state)
{
    (void)state;
    if (!gd_dnnl_get_isa().avx512)
        skip();
    check_cores((gd_device_options){.precision = GD_PRECISION_BF16});
}

static void test_cores_tiles(void **state)
{
    (void)state;
    check_cores((gd_device_options){.precision = GD_PRECISION_BF16, .emulated_tiles = true});
}

/* A process that is bound to one core. */
static void test_bound(void **state)
{
    (void)state;
    cpu_set_t before, first;
    float *free_to_move = gradient_of(GD_PRECISION_FP32, 0);
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&first);
    for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&first) == 0; i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &first);
    assert_int_equal(sched_setaffinity(0, sizeof first, &first), 0);
    float *bound = gradient_of(GD_PRECISION_FP32, 0);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_memory_equal(free_to_move, bound, (size_t)ROWS * COLS * 3 * sizeof(float));
    free(free_to_move);
    free(bound);
}

/* --threads must leave the calling thread where it was. */
static void test_cap_is_undone(void **state)
{
    (void)state;
    cpu_set_t before, after;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    free(gradient_of(GD_PRECISION_FP32, 1));
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_true(CPU_EQUAL(&before, &after));
}

/* Capped processes of a host share its cores out. */
static void test_places(void **state)
{
    (void)state;
    gd_error error = {{0}};
    gd_cores cores;
    cpu_set_t mine, taken;
    assert_int_equal(sched_getaffinity(0, sizeof mine, &mine), 0);
    int32_t count = CPU_COUNT(&mine);
    CPU_ZERO(&taken);
    for (int32_t place = 0; place < count; place++) {
        check_ok(gd_cores_choose(1, place, &cores, &error), error);
        assert_int_equal(cores.capped, count > 1);
        if (!cores.capped)
            continue;
        assert_int_equal(CPU_COUNT(&cores.set), 1);
        CPU_OR(&taken, &taken, &cores.set);
    }
    assert_true(count == 1 || CPU_EQUAL(&taken, &mine));
    check_ok(gd_cores_choose(count, 3, &cores, &error), error);
    assert_false(cores.capped);
    if (count > 2) {
        check_ok(gd_cores_choose(count - 1, 1, &cores, &error), error);
        assert_int_equal(CPU_COUNT(&cores.set), count - 1);
    }
}

/* One device and program, two threads with an arena each. */
typedef struct flight {
    const net_case *c;
    void *arena;
    float *gradient;
    gd_status status;
    gd_error error;
} flight;

static void *fly(void *data)
{
    flight *f = data;
    const side *s = &f->c->tested;
    f->status =
        s->backend->run(s->program, f->arena, 0, f->c->tape->op_count, f->c->window, f->gradient, &f->error);
    return NULL;
}

static void test_two_in_flight(void **state)
{
    (void)state;
    net_case c;
    flight flights[2];
    pthread_t threads[2];
    net_case_create(&c, &gd_backend_cpu, GD_INCEPTION_V3, "mixed5", ROWS, COLS, GD_PRECISION_FP32, 0);
    size_t bytes = (c.tested.backend->arena_bytes(c.tested.program) + 63) / 64 * 64;
    for (int i = 0; i < 2; i++) {
        flights[i] = (flight){.c = &c,
                              .arena = aligned_alloc(64, bytes),
                              .gradient = calloc((size_t)ROWS * COLS * 3, sizeof(float))};
        assert_non_null(flights[i].arena);
        assert_non_null(flights[i].gradient);
        memset(flights[i].arena, 0xff, bytes);
        assert_int_equal(pthread_create(&threads[i], NULL, fly, &flights[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        check_ok(flights[i].status, flights[i].error);
    }
    net_case_run(&c, &c.tested, 0, c.tape->op_count);
    check_finite(c.gradients[0]);
    for (int i = 0; i < 2; i++) {
        assert_memory_equal(flights[i].gradient, c.gradients[0], (size_t)ROWS * COLS * 3 * sizeof(float));
        free(flights[i].arena);
        free(flights[i].gradient);
    }
    net_case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cores_fp32),    cmocka_unit_test(test_cores_bf16),
        cmocka_unit_test(test_cores_tiles),   cmocka_unit_test(test_bound),
        cmocka_unit_test(test_places),        cmocka_unit_test(test_cap_is_undone),
        cmocka_unit_test(test_two_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
