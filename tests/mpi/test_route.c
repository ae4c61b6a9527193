/* Routes of many ranks, worked out one after the other in one process: both sides of a message must agree. */
#include "check.h"
#include "mpi/exchange/route.h"
#include "tiling/tiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RANKS = 64, STRIDE = 16, SMALLEST = 75 };

/* Planes and windows in name only: a route never looks at the pixels. */
typedef struct world {
    gd_partition *partition;
    gd_tile *tiles;
    gd_window *windows;
    gd_window *kept;
    float *pixel; /* where every block and window claims to begin */
    int64_t count, kept_count;
} world;

static world make_world(int64_t rows, int64_t cols, int64_t tile, int64_t halo, bool cores)
{
    gd_error error;
    world w = {0};
    gd_cuts ys, xs;
    int64_t dy = rows / 3 + 7, dx = cols / 5 + 1;
    check_ok(gd_partition_create(rows, cols, RANKS, &w.partition, &error), error);
    check_ok(gd_cuts_create(rows, tile, halo, STRIDE, SMALLEST, &ys, &error), error);
    check_ok(gd_cuts_create(cols, tile, halo, STRIDE, SMALLEST, &xs, &error), error);
    w.count = (int64_t)ys.count * xs.count;
    w.tiles = malloc((size_t)w.count * sizeof *w.tiles);
    w.windows = malloc((size_t)w.count * sizeof *w.windows);
    w.kept = malloc((size_t)w.count * sizeof *w.kept);
    w.pixel = malloc(sizeof *w.pixel);
    assert_true(w.tiles && w.windows && w.kept && w.pixel);
    int64_t *costs = malloc((size_t)w.count * sizeof *costs);
    assert_non_null(costs);
    for (int64_t i = 0; i < w.count; i++)
        costs[i] = ys.cuts[i / xs.count].window_extent * xs.cuts[i % xs.count].window_extent;
    check_ok(gd_tiles_assign(&ys, &xs, costs, rows, cols, dy, dx, RANKS, w.tiles, &error), error);
    free(costs);
    for (int64_t i = 0; i < w.count; i++) {
        gd_rect r = gd_unroll(cores ? w.tiles[i].core : w.tiles[i].window, rows, cols, dy, dx);
        w.windows[i] = (gd_window){r, w.tiles[i].rank, w.pixel, 3 * r.cols};
    }
    gd_cuts_free(&ys);
    gd_cuts_free(&xs);
    return w;
}

static void free_world(world *w)
{
    gd_partition_free(w->partition);
    free(w->tiles);
    free(w->windows);
    free(w->kept);
    free(w->pixel);
}

static gd_plane pretend_plane(const world *w, int32_t rank)
{
    return (gd_plane){.partition = w->partition, .rank = rank};
}

static void make_routes(const world *w, gd_direction direction, gd_route *routes)
{
    gd_error error;
    for (int32_t r = 0; r < RANKS; r++) {
        gd_plane plane = pretend_plane(w, r);
        check_ok(gd_route_create(&plane, w->windows, (size_t)w->count, w->kept, (size_t)w->kept_count,
                                 direction, &routes[r], &error),
                 error);
    }
}

static int64_t floats_to(const gd_messages *side, int32_t peer)
{
    for (int64_t i = 0; i < side->message_count; i++)
        if (side->messages[i].peer == peer)
            return side->messages[i].floats;
    return 0;
}

/* Every float of every message is in the copies: once where it is sent, at least once where it arrives. */
static void assert_covered(const gd_messages *side, bool once)
{
    for (int64_t i = 0; i < side->message_count; i++) {
        const gd_message *m = &side->messages[i];
        unsigned char *seen = calloc((size_t)m->floats, 1);
        assert_non_null(seen);
        for (int64_t c = m->first_copy; c < m->end_copy; c++) {
            const gd_copy *copy = &side->copies[c];
            for (int64_t k = 0; k < copy->rows * copy->floats; k++) {
                int64_t at = copy->at + k / copy->floats * copy->at_stride + k % copy->floats;
                assert_true(at >= 0 && at < m->floats && (!once || !seen[at]));
                seen[at] = 1;
            }
        }
        for (int64_t k = 0; k < m->floats; k++)
            assert_true(seen[k]);
        free(seen);
    }
}

static int64_t floats_of(const gd_copy *copies, int64_t count)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += copies[i].rows * copies[i].floats;
    return sum;
}

/* Every other window of a rank has come before. */
static void keep_half(world *w)
{
    int64_t count = w->count;
    w->count = 0;
    for (int64_t i = 0; i < count; i++)
        *(i % 2 ? &w->kept[w->kept_count++] : &w->windows[w->count++]) = w->windows[i];
}

/* Returns the floats that travel. */
static int64_t check_both_sides(world w, gd_direction direction)
{
    int64_t travel = 0;
    gd_route *routes = calloc(RANKS, sizeof *routes);
    assert_non_null(routes);
    make_routes(&w, direction, routes);
    for (int32_t a = 0; a < RANKS; a++) {
        for (int32_t b = 0; b < RANKS; b++)
            assert_int_equal(floats_to(&routes[a].out, b), floats_to(&routes[b].in, a));
        assert_covered(&routes[a].out, true);
        assert_covered(&routes[a].in, direction == GD_SCATTER);
        int64_t wanted = 0, local = 0;
        for (int64_t i = 0; i < w.count && direction == GD_GATHER; i++)
            wanted += w.windows[i].rank == a ? 3 * gd_rect_area(w.windows[i].rect) : 0;
        for (int64_t i = 0; i < routes[a].local_count; i++)
            local += routes[a].locals[i].rows * routes[a].locals[i].floats;
        if (direction == GD_GATHER)
            assert_int_equal(floats_of(routes[a].in.copies, routes[a].in.copy_count) + local, wanted);
        for (int64_t i = 0; i < routes[a].in.message_count; i++)
            travel += routes[a].in.messages[i].floats;
    }
    for (int32_t r = 0; r < RANKS; r++)
        gd_route_free(&routes[r]);
    free(routes);
    free_world(&w);
    return travel;
}

static void both_sides_of_a_gather_agree(void **state)
{
    (void)state;
    check_both_sides(make_world(3001, 2777, 176, 32, false), GD_GATHER);
}

static void both_sides_of_a_scatter_agree(void **state)
{
    (void)state;
    check_both_sides(make_world(3001, 2777, 176, 32, true), GD_SCATTER);
}

/* What comes in two gathers is what comes in one, if the second takes from the windows of the first. */
static void kept_windows_spare_messages(void **state)
{
    (void)state;
    world first = make_world(3001, 2777, 176, 80, false), second = make_world(3001, 2777, 176, 80, false);
    world alone = make_world(3001, 2777, 176, 80, false);
    const int64_t together = check_both_sides(make_world(3001, 2777, 176, 80, false), GD_GATHER);
    keep_half(&first);
    memcpy(first.windows, first.kept, (size_t)first.kept_count * sizeof *first.windows);
    first.count = first.kept_count;
    first.kept_count = 0;
    keep_half(&second);
    keep_half(&alone);
    alone.kept_count = 0;
    const int64_t before = check_both_sides(first, GD_GATHER), again = check_both_sides(alone, GD_GATHER);
    assert_int_equal(before + check_both_sides(second, GD_GATHER), together);
    assert_true(before + again > together);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* 17 gigapixels, 4,096 windows of 2,176 pixels, 64 ranks. */
static void a_route_over_many_windows_is_quick(void **state)
{
    (void)state;
    gd_error error;
    world w = make_world(131072, 131072, 2048, 64, false);
    assert_int_equal(w.count, 4096);
    gd_plane plane = pretend_plane(&w, 20);
    gd_route route;
    double start = seconds();
    check_ok(gd_route_create(&plane, w.windows, (size_t)w.count, NULL, 0, GD_GATHER, &route, &error), error);
    double took = seconds() - start;
    int64_t fetched = 0;
    for (int64_t i = 0; i < route.in.message_count; i++)
        fetched += route.in.messages[i].floats;
    print_message("%.1f ms; %ld messages in, %.0f MB\n", took * 1e3, (long)route.in.message_count,
                  (double)fetched * 4e-6);
    assert_true(took < 0.3); /* seen: see above; a search over all windows and blocks would take minutes */
    gd_route_free(&route);
    free(plane.blocks);
    free_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_of_a_gather_agree),
        cmocka_unit_test(both_sides_of_a_scatter_agree),
        cmocka_unit_test(kept_windows_spare_messages),
        cmocka_unit_test(a_route_over_many_windows_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
