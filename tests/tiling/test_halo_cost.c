/* What a halo costs is what the tapes of all tiles of a canvas take, tile by tile, with it and without;
 * --halo auto is exact where that is less than 1.25 and leaves as many tiles. */
#include "check.h"
#include "net/lower/lower.h"
#include "tiling/cuts.h"
#include "tiling/halo_cost.h"

#include <math.h>

static gd_net *net;

static gd_engine *open_engine(const gd_backend *backend, const char *layer)
{
    gd_error error;
    gd_engine *engine;
    const gd_device_options options = {.precision = GD_PRECISION_AUTO};
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1}}, .count = 1};
    check_ok(gd_engine_create(backend, &options, net, &objective, NULL, &engine, &error), error);
    return engine;
}

typedef struct canvas {
    const char *layer;
    int64_t rows, cols, tile;
    int64_t exact, narrow; /* halos */
    double cost;           /* of the exact one, to 0.005; 0: only compared with the slow sum */
} canvas;

static double lowered_macs(const gd_engine *engine, const gd_cut *row, const gd_cut *col)
{
    gd_error error;
    gd_tape *tape;
    const gd_lower_options options = {
        .focus = {row->focus, col->focus, row->focus_extent, col->focus_extent}};
    check_ok(gd_tape_lower(net, &engine->objective, (int32_t)row->window_extent, (int32_t)col->window_extent,
                           &options, &tape, &error),
             error);
    const double macs = gd_tape_macs(tape);
    gd_tape_free(tape);
    return macs;
}

/* Lowers every tile by itself. */
static double slow_sum(const gd_engine *engine, int64_t rows, int64_t cols, int64_t tile, int64_t halo)
{
    gd_error error;
    gd_cuts r, c;
    const int32_t smallest = net->smallest_input;
    double sum = 0;
    check_ok(gd_cuts_create(rows, tile, halo, engine->stride, smallest, &r, &error), error);
    check_ok(gd_cuts_create(cols, tile, halo, engine->stride, smallest, &c, &error), error);
    for (int32_t y = 0; y < r.count; y++)
        for (int32_t x = 0; x < c.count; x++)
            sum += lowered_macs(engine, &r.cuts[y], &c.cuts[x]);
    gd_cuts_free(&r);
    gd_cuts_free(&c);
    return sum;
}

static int64_t tiles_of(const gd_engine *engine, const canvas *c, int64_t halo)
{
    gd_error error;
    gd_cuts rows, cols;
    check_ok(gd_cuts_create(c->rows, c->tile, halo, engine->stride, net->smallest_input, &rows, &error),
             error);
    check_ok(gd_cuts_create(c->cols, c->tile, halo, engine->stride, net->smallest_input, &cols, &error),
             error);
    const int64_t count = (int64_t)rows.count * cols.count;
    gd_cuts_free(&rows);
    gd_cuts_free(&cols);
    return count;
}

static int64_t found(const gd_engine *engine, gd_halo_kind kind, int64_t rows, int64_t cols, int64_t tile)
{
    gd_error error;
    int64_t halo = -1;
    check_ok(gd_halo_find(engine, kind, 20, rows, cols, tile, &halo, &error), error);
    return halo;
}

/* Wide ones whose tiles lie at edges on most sides, where windows end with the canvas; some that one exact
 * window covers; some with tiles in the middle. */
static const canvas canvases[] = {
    {"mixed5", 2000, 4000, 2048, 544, 128, 1.14},    {"mixed5", 1000, 2000, 1024, 544, 64, 1.004},
    {"mixed5", 4000, 2000, 2048, 544, 128, 1.14},    {"mixed5", 2400, 4800, 2048, 544, 128, 1.55},
    {"mixed5", 2049, 2047, 2048, 544, 128, 0},       {"mixed5", 5000, 7000, 1024, 544, 64, 0},
    {"mixed10", 4096, 4096, 2048, 1312, 128, 1.015}, {"mixed10", 5000, 4096, 2048, 1312, 128, 0},
    {"mixed3", 3001, 4007, 1024, 160, 64, 0},        {"mixed3", 12000, 12000, 1024, 160, 64, 0},
};

static void it_is_the_sum_over_all_tiles(void **state)
{
    (void)state;
    int cheap = 0, fewer = 0;
    const int count = (int)(sizeof canvases / sizeof *canvases);
    for (int i = 0; i < count; i++) {
        const canvas *c = &canvases[i];
        gd_error error;
        gd_engine *engine = open_engine(&gd_backend_reference, c->layer);
        const double without = slow_sum(engine, c->rows, c->cols, c->tile, 0);
        const double ratio = slow_sum(engine, c->rows, c->cols, c->tile, c->exact) / without;
        const double narrow = slow_sum(engine, c->rows, c->cols, c->tile, c->narrow) / without;
        const bool as_many = tiles_of(engine, c, c->exact) == tiles_of(engine, c, c->narrow);
        double cost;
        print_message("%s, %lld x %lld, tiles of %lld: exact %.4f, %lld pixels %.4f\n", c->layer,
                      (long long)c->cols, (long long)c->rows, (long long)c->tile, ratio, (long long)c->narrow,
                      narrow);
        for (int again = 0; again < 2; again++) { /* it is remembered */
            check_ok(gd_halo_cost(engine, c->rows, c->cols, c->tile, c->exact, &cost, &error), error);
            assert_true(cost == ratio);
            check_ok(gd_halo_cost(engine, c->rows, c->cols, c->tile, c->narrow, &cost, &error), error);
            assert_true(cost == narrow);
            assert_int_equal(found(engine, GD_HALO_AUTO, c->rows, c->cols, c->tile),
                             ratio < 1.25 && as_many ? c->exact : c->narrow);
        }
        fewer += ratio < 1.25 && !as_many;
        assert_true(c->cost == 0 || fabs(ratio - c->cost) <= 0.005);
        cheap += ratio < 1.25;
        gd_engine_free(engine);
    }
    assert_true(cheap > 2 && cheap < count - 2 && fewer > 0 && fewer < cheap);
}

static void other_halos_do_not_depend_on_the_canvas(void **state)
{
    (void)state;
    gd_engine *engine = open_engine(&gd_backend_reference, "mixed5");
    for (int64_t rows = 1000; rows < 9000; rows += 4000) {
        assert_int_equal(found(engine, GD_HALO_EXACT, rows, 2000, 1024), 544);
        assert_int_equal(found(engine, GD_HALO_PIXELS, rows, 2000, 1024), 32);
    }
    gd_engine_free(engine);
}

/* One tile has no halo; a canvas too small for the network, or windows too large for tensors, are refused
 * where they are cut or lowered. */
static void canvases_that_are_not_weighed(void **state)
{
    (void)state;
    gd_error error;
    double cost = 0;
    gd_engine *engine = open_engine(&gd_backend_reference, "mixed5");
    check_ok(gd_halo_cost(engine, 1000, 1024, 1024, 544, &cost, &error), error);
    assert_true(cost == 1);
    assert_int_equal(gd_halo_cost(engine, 40, 4000, 1024, 544, &cost, &error), GD_USAGE);
    assert_int_equal(found(engine, GD_HALO_AUTO, 40, 4000, 1024), 64);
    assert_int_equal(found(engine, GD_HALO_AUTO, 50000, 50000, 22000), 544); /* a sixteenth is more */
    gd_engine_free(engine);
    engine = open_engine(&gd_backend_reference, "mixed10");
    assert_int_equal(gd_halo_cost(engine, 28800, 28800, 9600, 1312, &cost, &error), GD_USAGE);
    assert_int_equal(found(engine, GD_HALO_AUTO, 28800, 28800, 9600), 608);
    gd_engine_free(engine);
}

/* Tapes of GPUs add seams and merge more convolutions; the halo is the same. */
static void all_backends_take_the_same(void **state)
{
    (void)state;
    gd_backend dense = gd_backend_reference;
    dense.dense = true;
    for (int i = 0; i < 2; i++) {
        const canvas *c = &canvases[i];
        double cost[2];
        gd_error error;
        for (int b = 0; b < 2; b++) {
            gd_engine *engine = open_engine(b ? &dense : &gd_backend_reference, c->layer);
            check_ok(gd_halo_cost(engine, c->rows, c->cols, c->tile, c->exact, &cost[b], &error), error);
            gd_engine_free(engine);
        }
        assert_true(cost[0] == cost[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_sum_over_all_tiles),
        cmocka_unit_test(other_halos_do_not_depend_on_the_canvas),
        cmocka_unit_test(canvases_that_are_not_weighed),
        cmocka_unit_test(all_backends_take_the_same),
    };
    net = gd_net_create(GD_INCEPTION_V3);
    const int failed = net ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    gd_net_free(net);
    return failed;
}
