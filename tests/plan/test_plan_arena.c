/* The tensors of a plan are those of the window that takes the most, though not all windows were compiled. */
#include "check.h"
#include "plan/plan.h"
#include "plan/plan_tape.h"

#include <math.h>

/* The plan compiles the largest windows alone, and takes it that the bytes a unit of the others do not differ
 * by more than GD_PLAN_UNIT_SPREAD. Here all are compiled. */
static void no_window_needs_more_than_was_planned(void **state)
{
    (void)state;
    static const char *const layers[] = {"mixed3", "mixed5"};
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    assert_non_null(net);
    for (int i = 0; i < 4; i++) {
        gd_error error;
        gd_plan *plan;
        gd_engine *engine = NULL;
        const gd_device_options options = {.precision = i < 2 ? GD_PRECISION_FP32 : GD_PRECISION_BF16};
        const gd_objective objective = {
            .terms = {{.node = net->layers[gd_net_find_layer(net, layers[i % 2])].node, .weight = 1}},
            .count = 1};
        const gd_render_parameters p = {.base_rows = 3000,
                                        .base_cols = 4200,
                                        .octave_scale = 1.4,
                                        .octave_first = -2,
                                        .octave_end = 2,
                                        .steps = 2,
                                        .tile = {512, 512, GD_CURVE_LINEAR},
                                        .halo_kind = GD_HALO_AUTO,
                                        .rules = gd_compat_rules_of(GD_COMPAT_NONE),
                                        .threads = 1};
        if (gd_engine_create(&gd_backend_cpu, &options, net, &objective, NULL, &engine, &error) != GD_OK) {
            print_message("left out: %s\n", error.message); /* bf16 needs AVX-512 */
            continue;
        }
        check_ok(gd_plan_create(engine, &p, 3, &plan, &error), error);
        double least = INFINITY, largest = 0;
        size_t most = 0, bytes;
        for (int32_t k = 0; k < plan->shapes.count; k++) {
            const gd_plan_shape *s = &plan->shapes.shapes[k];
            check_ok(gd_plan_arena(engine, &s->window, &bytes, &error), error);
            least = fmin(least, (double)bytes / s->units);
            largest = fmax(largest, (double)bytes / s->units);
            most = bytes > most ? bytes : most;
        }
        print_message("%s, %s: %d shapes of %.3f to %.3f bytes a unit\n", layers[i % 2],
                      i < 2 ? "fp32" : "bf16", plan->shapes.count, least, largest);
        assert_true(plan->shapes.count > 9 && largest < GD_PLAN_UNIT_SPREAD * least);
        assert_int_equal(plan->bytes[GD_FOR_TENSORS], (most + 255) / 256 * 256);
        gd_plan_free(plan);
        gd_engine_free(engine);
    }
    gd_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_window_needs_more_than_was_planned)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
