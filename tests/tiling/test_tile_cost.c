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
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1}}, .count = 1};
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

/* White at a few places of a file of 60 x 50 pixels, one for each cell. */
static const int64_t spots[][2] = {{3, 4}, {3, 5}, {30, 44}, {59, 0}};
enum { SPOTS = sizeof spots / sizeof *spots, MASK_ROWS = 60, MASK_COLS = 50 };

/* Whether a pixel of a canvas of rows x cols overlaps a white one. */
static bool white_at(int64_t y, int64_t x, int64_t rows, int64_t cols)
{
    bool found = false;
    for (int i = 0; i < SPOTS; i++)
        found |= (y + 1) * MASK_ROWS > spots[i][0] * rows && y * MASK_ROWS < (spots[i][0] + 1) * rows &&
                 (x + 1) * MASK_COLS > spots[i][1] * cols && x * MASK_COLS < (spots[i][1] + 1) * cols;
    return found;
}

/* Of the unrolled core, pixel by pixel. */
static bool core_is_white(const gd_tile *tile, int64_t rows, int64_t cols, int64_t dy, int64_t dx)
{
    for (int64_t y = tile->core.y; y < tile->core.y + tile->core.rows; y++)
        for (int64_t x = tile->core.x; x < tile->core.x + tile->core.cols; x++)
            if (white_at((y - dy + rows) % rows, (x - dx + cols) % cols, rows, cols))
                return true;
    return false;
}

static void check_masked(const gd_engine *engine, const gd_mask_cells *cells, int64_t dy, int64_t dx,
                         int32_t ranks)
{
    const int64_t rows = 1500, cols = 1100;
    gd_error error;
    gd_tile_assignment all, some;
    gd_step_parameters step = {.tile = 128, .halo = 64, .dy = dy, .dx = dx};
    check_ok(gd_tile_assignment_create(engine, rows, cols, ranks, &step, &all, &error), error);
    step.mask = (gd_step_mask){cells, {rows, cols}, {0, 0, rows, cols}};
    check_ok(gd_tile_assignment_create(engine, rows, cols, ranks, &step, &some, &error), error);
    assert_int_equal(some.tile_count + some.left_out, all.tile_count);
    int64_t seen = 0, cost = 0, own = 0, largest = 0, area, count, wanted = 0;
    for (int64_t i = 0; i < all.tile_count; i++) {
        if (!core_is_white(&all.tiles[i], rows, cols, dy, dx))
            continue;
        assert_true(seen < some.tile_count);
        assert_memory_equal(&some.tiles[seen].core, &all.tiles[i].core, sizeof(gd_rect));
        cost += some.tiles[seen].cost;
        largest = some.tiles[seen].cost > largest ? some.tiles[seen].cost : largest;
        seen++;
    }
    assert_int_equal(seen, some.tile_count);       /* and no other */
    for (int32_t r = 0; r < ranks; r++, own = 0) { /* each rank has its share of what is left */
        for (int64_t i = some.first[r]; i < some.first[r + 1]; i++)
            own += some.tiles[i].cost;
        assert_true(llabs(own * ranks - cost) <= largest * ranks);
    }
    check_ok(gd_step_windows(engine, rows, cols, &step, &count, &area, &error), error);
    for (int64_t i = 0; i < some.tile_count; i++)
        wanted += gd_rect_area(some.tiles[i].window);
    assert_true(count == some.tile_count && area == wanted);
    gd_tile_assignment_free(&all);
    gd_tile_assignment_free(&some);
}

static void black_tiles_are_not_dealt(void **state)
{
    gd_engine *engine = open_engine("mixed0");
    gd_mask_cells *cells = calloc(1, sizeof *cells);
    (void)state;
    assert_non_null(cells);
    cells->rows = MASK_ROWS;
    cells->cols = MASK_COLS;
    for (int i = 0; i < SPOTS; i++)
        cells->white[spots[i][0]][0] |= UINT64_C(1) << spots[i][1];
    for (int32_t ranks = 1; ranks <= 3; ranks++) {
        check_masked(engine, cells, 0, 0, ranks);
        check_masked(engine, cells, 77, 1099, ranks);
        check_masked(engine, cells, 1400, 513, ranks);
    }
    free(cells);
    gd_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tile_costs_what_its_tape_computes),
        cmocka_unit_test(black_tiles_are_not_dealt),
        cmocka_unit_test(shares_are_equal_within_a_tile),
    };
    net = gd_net_create(GD_INCEPTION_V3);
    const int failed = net ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    gd_net_free(net);
    return failed;
}
