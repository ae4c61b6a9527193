/* Engines chosen by timing on the device, kept in a cache, adopted by another device; and what a device says
 * of itself. */
#include "kernels/net_case.h"
#include "net/fold.h"

#include <cuda_runtime_api.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const gd_backend *const cuda = &gd_backend_cuda;

typedef struct rig {
    net_case c; /* network, tape and filters */
    char folder[64];
} rig;

static int setup(void **state)
{
    rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    net_case_lower(&r->c, GD_INCEPTION_V3, "mixed0", 75, 83);
    snprintf(r->folder, sizeof r->folder, "%s", "/tmp/gigadream_decide_XXXXXX");
    assert_non_null(mkdtemp(r->folder));
    setenv("XDG_CACHE_HOME", r->folder, 1);
    *state = r;
    return 0;
}

/* The files of the cache; removed if `remove_them`. Returns how many. */
static int cached(const rig *r, bool remove_them)
{
    char pattern[128];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/gigadream/*", r->folder);
    const int count = glob(pattern, 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    for (int i = 0; i < count && remove_them; i++)
        assert_int_equal(unlink(found.gl_pathv[i]), 0);
    if (count > 0)
        globfree(&found);
    return count;
}

static int teardown(void **state)
{
    rig *r = *state;
    char inner[80];
    cached(r, true);
    snprintf(inner, sizeof inner, "%s/gigadream", r->folder);
    (void)rmdir(inner);
    assert_int_equal(rmdir(r->folder), 0);
    gd_filters_free(r->c.filters, r->c.tape->filter_count);
    gd_tape_free(r->c.tape);
    gd_net_free(r->c.net);
    free(r);
    return 0;
}

static gd_device *open_device(const rig *r)
{
    return side_open(cuda, &(gd_device_options){.precision = GD_PRECISION_BF16}, r->c.tape, r->c.filters);
}

static float *gradient_on(const rig *r, gd_device *device)
{
    side s;
    float *window = calloc(1, side_picture_bytes(r->c.tape));
    assert_non_null(window);
    for (size_t i = 0; i < side_picture_bytes(r->c.tape) / sizeof *window; i++)
        window[i] = (float)(i * 2654435761u % 1000) / 500 - 1;
    side_create(&s, cuda, device, r->c.tape, NULL);
    float *gradient = side_gradient(&s, window);
    side_free(&s);
    free(window);
    return gradient;
}

/* What was timed once is not timed again, and whoever adopts it computes the same bits. */
static void test_tune(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    gd_device *first = open_device(r), *second = open_device(r), *third = open_device(r);
    check_ok(cuda->decide(first, r->c.tape, true, &error), error);
    assert_true(strlen(cuda->decided(first)) > 0);
    assert_int_equal(cached(r, false), 1);
    check_ok(cuda->decide(second, r->c.tape, true, &error), error); /* from the cache */
    assert_string_equal(cuda->decided(first), cuda->decided(second));
    check_ok(cuda->decide(second, r->c.tape, true, &error), error); /* all known */
    assert_string_equal(cuda->decided(first), cuda->decided(second));
    check_ok(cuda->adopt(third, cuda->decided(first), &error), error);
    assert_string_equal(cuda->describe(first), cuda->describe(third));
    float *gradients[2] = {gradient_on(r, first), gradient_on(r, third)};
    assert_memory_equal(gradients[0], gradients[1], side_picture_bytes(r->c.tape));
    free(gradients[0]);
    free(gradients[1]);
    cuda->close(first);
    cuda->close(second);
    cuda->close(third);
}

static void test_info(void **state)
{
    (void)state;
    gd_error error = {{0}};
    gd_device_facts facts;
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    assert_non_null(out);
    check_ok(cuda->available(&error), error);
    cuda->info(out);
    fclose(out);
    gd_device *device = NULL;
    check_ok(cuda->open(&(gd_device_options){.precision = GD_PRECISION_TF32, .place = 5}, &device, &error),
             error);
    cuda->facts(device, &facts);
    assert_non_null(strstr(text, facts.name));
    assert_non_null(strstr(text, facts.identity));
    assert_non_null(strstr(text, "cuDNN 9."));
    assert_null(strstr(text, "not available"));
    assert_true(strlen(facts.identity) > 0 && facts.total_bytes > 0);
    assert_int_equal(cuda->precision(device), GD_PRECISION_TF32);
    assert_non_null(strstr(cuda->describe(device), "cuda tf32, "));
    cuda->close(device);
    cuda->close(NULL);
    free(text);
}

/* Once the weights are loaded, what others hold is measured, and counts. */
static void test_measured_memory(void **state)
{
    (void)state;
    const size_t ballast_bytes = (size_t)1 << 30;
    void *ballast = NULL;
    gd_error error = {{0}};
    gd_device_facts none, before, after;
    gd_device *device = NULL;
    check_ok(cuda->open(&(gd_device_options){.precision = GD_PRECISION_BF16}, &device, &error), error);
    cuda->facts(device, &none);
    assert_true(none.fixed_bytes == none.assumed_bytes && none.assumed_bytes > 0);
    cuda->close(device);
    for (int turn = 0; turn < 2; turn++) {
        net_case c;
        if (turn == 1)
            assert_int_equal(cudaMalloc(&ballast, ballast_bytes), cudaSuccess);
        net_case_create(&c, cuda, GD_INCEPTION_V3, "mixed0", 75, 75, GD_PRECISION_BF16, 0);
        cuda->facts(c.tested.device, turn == 0 ? &before : &after);
        net_case_free(&c);
    }
    assert_int_equal(cudaFree(ballast), cudaSuccess);
    assert_true(before.fixed_bytes > 0 && after.fixed_bytes >= before.fixed_bytes + ballast_bytes);
    assert_true(after.assumed_bytes == before.assumed_bytes);
}

/* Weights are loaded once. */
static void test_load_twice(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    gd_device *device = open_device(r);
    assert_int_equal(cuda->load(device, r->c.tape, r->c.filters, &error), GD_INTERNAL);
    cuda->close(device);
}

/* A device without weights can be measured. */
static void test_without_weights(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    gd_device *device = NULL;
    gd_program *program = NULL;
    check_ok(cuda->open(&(gd_device_options){0}, &device, &error), error);
    check_ok(cuda->compile(device, r->c.tape, &program, &error), error);
    assert_true(cuda->arena_bytes(program) > 0);
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    assert_non_null(out);
    cuda->dump(program, r->c.net, out);
    fclose(out);
    assert_true(bytes > 1000);
    free(text);
    assert_int_equal(cuda->run(program, NULL, 0, 1, NULL, NULL, &error), GD_INTERNAL);
    assert_non_null(strstr(error.message, "without weights"));
    cuda->free(program);
    cuda->close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tune),
        cmocka_unit_test(test_info),
        cmocka_unit_test(test_load_twice),
        cmocka_unit_test(test_measured_memory),
        cmocka_unit_test(test_without_weights),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
