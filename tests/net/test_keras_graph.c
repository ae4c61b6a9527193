/* The graph interpreter, the judge of all else, against Keras in float64. */
#include "base/apart/apart.h"
#include "base/clock.h"
#include "check.h"

#include "fixture.h"
#include "net/graph_interpreter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static fixture_choice choice = FIXTURE_FEW;

static void agrees_with_keras(void **state)
{
    (void)state;
    char **paths = fixture_list(choice);
    int failed = 0, count = 0;
    for (char **path = paths; *path; path++, count++) {
        fixture f;
        gd_error error;
        fixture_load(*path, &f);
        const int64_t values = (int64_t)f.rows * f.cols * 3;
        double *gradient = malloc((size_t)values * sizeof *gradient);
        const double start = gd_clock();
        check_ok(
            graph_gradient(f.net, f.weights, &f.objective, f.rows, f.cols, f.window, gradient, NULL, &error),
            error);
        const double distance = relative_l2(gradient, f.gradient, values);
        printf("%-40s %dx%d: %.2e, %.2f s\n", strrchr(*path, '/') + 1, (int)f.rows, (int)f.cols, distance,
               gd_clock() - start);
        failed += !(distance < 1e-9);
        free(gradient);
        fixture_free(&f);
    }
    fixture_free_list(paths);
    assert_int_equal(count, choice == FIXTURE_ALL ? 37 : 13);
    assert_int_equal(failed, 0);
}

/* The window's own units instead of those of 512x512: another factor, nothing else. */
static void own_units_change_the_factor(void **state)
{
    (void)state;
    fixture f;
    gd_error error;
    fixture_load(GD_FIXTURES "/gradient_v3_mixed0.h5", &f);
    const int64_t values = (int64_t)f.rows * f.cols * 3;
    double *gradient = malloc((size_t)values * sizeof *gradient), value, own_value;
    check_ok(
        graph_gradient(f.net, f.weights, &f.objective, f.rows, f.cols, f.window, gradient, &value, &error),
        error);
    f.objective.own_units = true;
    check_ok(graph_gradient(f.net, f.weights, &f.objective, f.rows, f.cols, f.window, gradient, &own_value,
                            &error),
             error);
    const int32_t node = f.objective.terms[0].node;
    const double factor =
        61.0 * 61 / gd_net_extent(f.net, node, f.rows, true) / gd_net_extent(f.net, node, f.cols, false);
    for (int64_t i = 0; i < values; i++)
        f.gradient[i] *= factor;
    assert_true(relative_l2(gradient, f.gradient, values) < 1e-9);
    assert_float_equal(own_value / value, factor, 1e-4F);
    free(gradient);
    fixture_free(&f);
}

/* test_keras_graph [all] */
int main(int argc, char **argv)
{
    gd_apart_start();
    if (argc > 1 && strcmp(argv[1], "all") == 0)
        choice = FIXTURE_ALL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_keras),
        cmocka_unit_test(own_units_change_the_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
