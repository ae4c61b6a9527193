/* Which ways the backend decides for products, on a device that refuses some, and what it makes of records of
 * others. */
#include "kernels/net_case.h"
#include "net/fold.h"
#include "standin/standin.h"

#include <stdlib.h>
#include <string.h>

static const gd_backend *const cuda = &gd_backend_cuda;

static int setup(void **state)
{
    net_case *c = calloc(1, sizeof *c);
    assert_non_null(c);
    net_case_lower(c, GD_INCEPTION_V3, "mixed0", 75, 83);
    *state = c;
    return 0;
}

static int teardown(void **state)
{
    net_case *c = *state;
    gd_filters_free(c->filters, c->tape->filter_count);
    gd_tape_free(c->tape);
    gd_net_free(c->net);
    free(c);
    return 0;
}

static gd_device *open_device(const net_case *c)
{
    return side_open(cuda, &(gd_device_options){.precision = GD_PRECISION_BF16}, c->tape, c->filters);
}

/* A gradient, whose values others judge. */
static void run_on(const net_case *c, gd_device *device)
{
    side s;
    float *window = calloc(1, side_picture_bytes(c->tape));
    assert_non_null(window);
    side_create(&s, cuda, device, c->tape, NULL);
    free(side_gradient(&s, window));
    side_free(&s);
    free(window);
}

static int count_of(const char *text, const char *word)
{
    int count = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

static size_t arena_bytes_of(const net_case *c, gd_device *device)
{
    gd_error error = {{0}};
    gd_program *program = NULL;
    check_ok(cuda->compile(device, c->tape, &program, &error), error);
    const size_t bytes = cuda->arena_bytes(program);
    cuda->free(program);
    return bytes;
}

/* The first product: `refusals` of what cuBLASLt is asked for it are refused. The text is that of the
 * choices, and the arena is as large as one that was planned for a described device. */
static char *decided_with(const net_case *c, uint64_t refusals, bool planned)
{
    gd_error error = {{0}};
    gd_device *device = open_device(c), *described = NULL;
    for (uint64_t n = 1; n <= refusals; n++)
        gd_standin_inject("cublasLtMatmulAlgoGetHeuristic", n);
    check_ok(cuda->decide(device, c->tape, false, &error), error);
    char *text = strdup(cuda->decided(device));
    run_on(c, device);
    check_ok(cuda->open(&(gd_device_options){.precision = GD_PRECISION_BF16, .described = "h100"}, &described,
                        &error),
             error);
    assert_true(!planned || arena_bytes_of(c, device) == arena_bytes_of(c, described));
    assert_non_null(text);
    cuda->close(device);
    cuda->close(described);
    return text;
}

/* Where cuBLASLt has no algorithm with masks, it is asked for one without; where it has neither, cuDNN is. */
static void test_products(void **state)
{
    const net_case *c = *state;
    char *all = decided_with(c, 0, true), *unmasked = decided_with(c, 1, true),
         *without = decided_with(c, 2, false);
    assert_int_equal(count_of(all, "algorithm "), count_of(unmasked, "algorithm "));
    assert_int_equal(count_of(all, "engine "), count_of(unmasked, "engine "));
    assert_int_equal(count_of(all, " writes "), count_of(unmasked, " writes ") + 1);
    assert_int_equal(count_of(all, "algorithm "), count_of(without, "algorithm ") + 1);
    assert_int_equal(count_of(all, "engine ") + 1, count_of(without, "engine "));
    free(all);
    free(unmasked);
    free(without);
}

/* A record of another algorithm is refused by name. */
static void test_other_algorithm(void **state)
{
    const net_case *c = *state;
    gd_error error = {{0}};
    gd_program *program = NULL;
    gd_device *first = open_device(c), *second = open_device(c);
    check_ok(cuda->decide(first, c->tape, false, &error), error);
    char *text = strdup(cuda->decided(first));
    assert_non_null(text);
    char *tile = strstr(text, "algorithm 66 tile ");
    assert_non_null(tile);
    tile[strlen("algorithm 66 tile ")]++;
    check_ok(cuda->adopt(second, text, &error), error);
    assert_int_equal(cuda->compile(second, c->tape, &program, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "it is another algorithm here"));
    free(text);
    cuda->close(first);
    cuda->close(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_products),
                                       cmocka_unit_test(test_other_algorithm)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
