/* The lowered tape on the reference backend gives the gradients that Keras computed in float64, for every
 * fixture. */
#include "base/apart/apart.h"
#include "check.h"
#include "fixture.h"
#include "net/tape_runner.h"

#include <stdlib.h>

static void check_fixture(const char *path)
{
    fixture f;
    fixture_load(path, &f);
    const int64_t count = (int64_t)f.rows * f.cols * 3;
    double *gradient = malloc((size_t)count * sizeof *gradient);
    assert_non_null(gradient);
    tape_gradient(f.net, f.weights, &f.objective, f.rows, f.cols, NULL, f.window, gradient);
    const double error = relative_l2(gradient, f.gradient, count);
    print_message("%s: %.1e\n", path, error);
    if (!(error <= 1e-9))
        fail_msg("%s: the gradient is off by %g", path, error);
    free(gradient);
    fixture_free(&f);
}

static void test_fixtures(void **state)
{
    (void)state;
    char **paths = fixture_list(FIXTURE_ALL);
    for (int32_t i = 0; paths[i]; i++)
        check_fixture(paths[i]);
    fixture_free_list(paths);
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fixtures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
