/* Tiles cost what their tapes compute, and ranks get equal shares of that: not of the windows' area, since
 * windows at the edges of a canvas shrink more than those in its middle. */
#include "check.h"
#include "net/lower/lower.h"
#include "tiling/tile_assignment.h"

#include <stdlib.h>
#include <string.h>

static gd_net *net;

static gd_engine *open_engine(const char *layer)
{
    gd_error error;
    gd_engine *engine;
    const gd_device_options options = {.precision = GD_PRECISION_AUTO};
    const gd_objective objective = {.terms = {{net->layers[gd_net_find_layer(net, layer)].node, 1}},
                                    .count = 1};
    check_ok(gd_engine_create(&gd_backend_reference, &options, net, &objective, NULL, &engine, &error),
             error);
    return engine;
}

static gd_tile_assignment assignment_of(const gd_engine *engine, int64_t rows, int64_t cols, int32_t ranks,
                                        int64_t halo, int64_t roll)
{
    gd_error error;
    gd_tile_assignment a;
    const gd_step_parameters step = {.tile = 512, .halo = halo, .dy = roll, .dx = 3 * roll};
    check_ok(gd_tile_assignment_create(engine, rows, cols, ranks, &step, &a, &error), error);
    return a;
}

static double macs_of(const gd_engine *engine, const gd_tile *tile)
{
    gd_error error;
    gd_tape *tape;
    const gd_window_shape shape = gd_tile_shape(tile);
    const gd_lower_options options = {.focus = shape.focus};
    check_ok(gd_tape_lower(net, &engine->objective, shape.rows, shape.cols, &options, &tape, &error), error);
    double macs = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        macs += gd_op_macs(tape, &tape->ops[o]);
    gd_tape_free(tape);
    return macs;
}

static void a_tile_costs_what_its_tape_computes(void **state)
{
    (void)state;
    gd_engine *engine = open_engine("mixed3");
    gd_tile_assignment a = assignment_of(engine, 2600, 1900, 3, 160, 700);
    int64_t least = INT64_MAX, most = 0;
    for (int64_t i = 0; i < a.tile_count; i++) {
        assert_int_equal(a.tiles[i].cost, (int64_t)(macs_of(engine, &a.tiles[i]) / 1024));
        least = a.tiles[i].cost < least ? a.tiles[i].cost : least;
        most = a.tiles[i].cost > most ? a.tiles[i].cost : most;
    }
    assert_true(4 * most > 5 * least); /* which the areas of the windows do not tell */
    gd_tile_assignment_free(&a);
    gd_engine_free(engine);
}

/* The work of the rank with the most over the mean, were tiles dealt by the area of their windows. */
static double uneven_by_area(const gd_tile_assignment *a)
{
    int64_t total = 0, before = 0;
    double work = 0, most = 0, own[8] = {0};
    for (int64_t i = 0; i < a->tile_count; i++)
        total += gd_rect_area(a->tiles[i].window);
    for (int64_t i = 0; i < a->tile_count; i++) {
        const int64_t area = gd_rect_area(a->tiles[i].window);
        own[gd_partition_share(before, area, total, a->ranks)] += (double)a->tiles[i].cost;
        work += (double)a->tiles[i].cost;
        before += area;
    }
    for (int32_t r = 0; r < a->ranks; r++)
        most = own[r] > most ? own[r] : most;
    return most * a->ranks / work;
}

static void shares_are_equal_within_a_tile(void **state)
{
    (void)state;
    static const char *const layers[] = {"mixed3", "mixed5"};
    double by_cost = 0, by_area = 0;
    int count = 0;
    for (int l = 0; l < 2; l++) {
        gd_engine *engine = open_engine(layers[l]);
        for (int32_t ranks = 2; ranks <= 3; ranks++)
            for (int64_t roll = 0; roll < 2000; roll += 161, count++) {
                gd_tile_assignment a = assignment_of(engine, 2400, 3600, ranks, l ? 544 : 160, roll);
                int64_t total = 0, most = 0;
                for (int64_t i = 0; i < a.tile_count; i++) {
                    total += a.tiles[i].cost;
                    most = a.tiles[i].cost > most ? a.tiles[i].cost : most;
                }
                const double uneven = gd_tile_assignment_uneven(&a);
                assert_true(uneven >= 1 && uneven <= 1 + (double)(most * ranks) / (double)total);
                by_cost += uneven;
                by_area += uneven_by_area(&a);
                gd_tile_assignment_free(&a);
            }
        gd_engine_free(engine);
    }
    print_message("the most over the mean: %.3f, and %.3f by area\n", by_cost / count, by_area / count);
    assert_true(by_cost < by_area);
}

static int open_net(void **state)
{
    (void)state;
    net = gd_net_create(GD_INCEPTION_V3);
    return net ? 0 : -1;
}

static int close_net(void **state)
{
    (void)state;
    gd_net_free(net);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tile_costs_what_its_tape_computes),
        cmocka_unit_test(shares_are_equal_within_a_tile),
    };
    return cmocka_run_group_tests(tests, open_net, close_net);
}
