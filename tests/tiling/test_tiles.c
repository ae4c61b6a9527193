/* Tests cuts, tiles and their assignment to ranks: cores partition the canvas, windows hold the halo.
 * */
#include "base/minmax.h"
#include "canvas/partition.h"
#include "check.h"
#include "tiling/halo.h"
#include "tiling/tiles.h"

#include <stdlib.h>
#include <string.h>

/* Foci cover their cores, and there are at most three kinds of windows. In the middle, the focus is larger
 * than the core by a stride at most. */
static void check_foci(const gd_cuts *cuts, int64_t extent, int64_t stride)
{
    gd_cut kinds[3];
    int32_t count = 0;
    for (int32_t i = 0; i < cuts->count; i++) {
        const gd_cut c = cuts->cuts[i];
        const int64_t begin = c.window + c.focus, end = begin + c.focus_extent;
        int32_t k = 0;
        assert_true(c.focus >= 0 && c.focus + c.focus_extent <= c.window_extent);
        assert_true(begin <= c.core && end >= c.core + c.core_extent);
        if (c.window > 0 && c.window + c.window_extent < extent)
            assert_true(c.focus_extent <= c.core_extent + stride);
        while (k < count && (kinds[k].window_extent != c.window_extent || kinds[k].focus != c.focus ||
                             kinds[k].focus_extent != c.focus_extent))
            k++;
        assert_true(k < 3);
        kinds[k] = c;
        count = k == count ? k + 1 : count;
    }
}

/* What gd_cuts_create promises, for one set of arguments. */
static void check_cuts(int64_t extent, int64_t tile, int64_t halo, int64_t stride, int64_t smallest)
{
    gd_error error;
    gd_cuts cuts;
    check_ok(gd_cuts_create(extent, tile, halo, stride, smallest, &cuts, &error), error);
    int64_t wanted = (extent + tile - 1) / tile, at = 0, usual = cuts.cuts[0].window_extent;
    for (int32_t i = 0; i < cuts.count; i++) {
        gd_cut c = cuts.cuts[i];
        int64_t end = c.core + c.core_extent, window_end = c.window + c.window_extent;
        assert_int_equal(c.core, at);
        assert_true(c.core_extent > 0);
        assert_int_equal(c.core % stride, 0);
        assert_int_equal(c.window % stride, 0);
        assert_true(c.window >= 0 && window_end <= extent && c.window_extent >= smallest);
        assert_true(c.core - c.window >= gd_min_i64(halo, c.core));
        assert_true(window_end - end >= gd_min_i64(halo, extent - end));
        if (window_end <
            extent) /* only what reaches the end of the canvas may be no multiple of the stride */
            assert_true(c.window_extent == usual && usual % stride == 0);
        else
            assert_true(c.window_extent == usual || c.window_extent == usual + extent % stride);
        at = end;
    }
    assert_int_equal(at, extent);
    if (cuts.count != wanted) { /* one core only because each window would be the whole axis */
        assert_int_equal(cuts.count, 1);
        int64_t units = extent / stride, core = (units + wanted - 1) / wanted * stride;
        assert_true(core + 2 * halo >= units * stride || smallest > (units - 1) * stride);
    }
    for (int32_t i = 0; i < cuts.count && cuts.count > 1; i++) {
        assert_true(cuts.cuts[i].core_extent <= tile);
        int64_t rest = i == cuts.count - 1 ? extent % stride : 0;
        int64_t difference = cuts.cuts[0].core_extent - (cuts.cuts[i].core_extent - rest);
        assert_true(difference == 0 || difference == stride);
    }
    if (cuts.count == 1)
        assert_true(cuts.cuts[0].window == 0 && cuts.cuts[0].window_extent == extent);
    check_foci(&cuts, extent, stride);
    gd_cuts_free(&cuts);
}

static void cuts_keep_their_promises(void **state)
{
    (void)state;
    int64_t strides[] = {1, 2, 4, 8};
    for (int s = 0; s < 4; s++)
        for (int64_t extent = 10; extent < 130; extent++)
            for (int64_t tile = 1; tile <= 12; tile += tile < 4 ? 1 : 3)
                for (int64_t halo = 0; halo <= 5; halo++)
                    for (int64_t smallest = 1; smallest <= 10; smallest += 3)
                        check_cuts(extent, tile * strides[s], halo * strides[s], strides[s], smallest);
}

static void cuts_of_real_networks_keep_their_promises(void **state)
{
    (void)state;
    int64_t strides[] = {8, 16, 32}, halos[] = {0, 64, 544, 1312}, tiles[] = {128, 512, 2048, 4096};
    for (int s = 0; s < 3; s++)
        for (int h = 0; h < 4; h++)
            for (int t = 0; t < 4; t++)
                for (int64_t extent = 75; extent < 20000; extent += 1 + extent / 60)
                    check_cuts(extent, tiles[t], halos[h], strides[s], 75);
    check_cuts(INT64_C(1000003), 2048, 544, 16, 75);
}

static void cores_are_as_equal_as_the_stride_allows(void **state)
{
    (void)state;
    gd_error error;
    gd_cuts cuts;
    check_ok(gd_cuts_create(592, 512, 64, 16, 75, &cuts, &error), error);
    assert_int_equal(cuts.count, 2);
    gd_cut expected[] = {{0, 304, 0, 432, 0, 304}, {304, 288, 160, 432, 144, 288}};
    assert_memory_equal(cuts.cuts, expected, sizeof expected);
    gd_cuts_free(&cuts);
    check_ok(gd_cuts_create(1609, 512, 64, 16, 75, &cuts, &error), error);
    gd_cut longer[] = {{0, 400, 0, 528, 0, 400},
                       {400, 400, 336, 528, 64, 400},
                       {800, 400, 736, 528, 64, 400},
                       {1200, 409, 1072, 537, 128, 409}};
    assert_int_equal(cuts.count, 4);
    assert_memory_equal(cuts.cuts, longer, sizeof longer);
    gd_cuts_free(&cuts);
}

static void an_axis_below_the_smallest_input_is_refused(void **state)
{
    (void)state;
    gd_error error;
    gd_cuts cuts;
    assert_int_equal(gd_cuts_create(74, 512, 0, 16, 75, &cuts, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "74"));
    assert_null(cuts.cuts);
    assert_int_equal(gd_cuts_create(740, 500, 0, 16, 75, &cuts, &error), GD_INTERNAL);
}

static void corners_leave_out_the_last(void **state)
{
    (void)state;
    gd_error error;
    gd_cuts cuts;
    int64_t extents[] = {100, 128, 129, 256, 257, 600}, counts[] = {1, 1, 1, 1, 2, 4};
    for (int i = 0; i < 6; i++) {
        check_ok(gd_cuts_create_corners(extents[i], 128, &cuts, &error), error);
        assert_int_equal(cuts.count, counts[i]);
        for (int32_t k = 0; k < cuts.count; k++) {
            const int64_t size = gd_min_i64(128, extents[i]);
            gd_cut expected = {k * 128, size, k * 128, size, 0, size};
            assert_memory_equal(&cuts.cuts[k], &expected, sizeof expected);
        }
        gd_cuts_free(&cuts);
    }
}

static void auto_halos_are_exact_where_that_is_cheap(void **state)
{
    (void)state;
    assert_int_equal(gd_halo(GD_HALO_AUTO, 0, 543, 16, 4096, true), 544);
    assert_int_equal(gd_halo(GD_HALO_AUTO, 0, 543, 16, 4080, false), 256);
    assert_int_equal(gd_halo(GD_HALO_AUTO, 0, 543, 16, 512, false), 64);
    assert_int_equal(gd_halo(GD_HALO_AUTO, 0, 31, 8, 512, false), 32);
    assert_int_equal(gd_halo(GD_HALO_EXACT, 0, 543, 16, 512, false), 544);
    assert_int_equal(gd_halo(GD_HALO_PIXELS, 20, 543, 16, 8192, true), 32);
}

static void unroll_is_the_log_s_convention(void **state)
{
    (void)state; /* rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols] */
    gd_rect r = gd_unroll((gd_rect){2, 9, 4, 5}, 10, 20, 3, -15);
    assert_int_equal(r.y, 9);
    assert_int_equal(r.x, 4);
    assert_true(r.rows == 4 && r.cols == 5);
    r = gd_unroll((gd_rect){0, 0, 1, 1}, 10, 20, 0, 0);
    assert_true(r.y == 0 && r.x == 0);
}

typedef struct assigned {
    gd_cuts rows, cols;
    gd_tile *tiles;
    int64_t count;
} assigned;

/* Of the windows; the caller frees them. */
static int64_t *areas_of(const gd_cuts *rows, const gd_cuts *cols)
{
    int64_t *areas = malloc((size_t)rows->count * (size_t)cols->count * sizeof *areas);
    assert_non_null(areas);
    for (int32_t r = 0; r < rows->count; r++)
        for (int32_t c = 0; c < cols->count; c++)
            areas[r * cols->count + c] = rows->cuts[r].window_extent * cols->cuts[c].window_extent;
    return areas;
}

static assigned make_assignment(int64_t rows, int64_t cols, int64_t tile, int64_t halo, int64_t dy,
                                int64_t dx, int32_t ranks)
{
    gd_error error;
    assigned d;
    check_ok(gd_cuts_create(rows, tile, halo, 16, 75, &d.rows, &error), error);
    check_ok(gd_cuts_create(cols, tile, halo, 16, 75, &d.cols, &error), error);
    d.count = (int64_t)d.rows.count * d.cols.count;
    d.tiles = calloc((size_t)d.count, sizeof *d.tiles);
    assert_non_null(d.tiles);
    int64_t *costs = areas_of(&d.rows, &d.cols);
    check_ok(gd_tiles_assign(&d.rows, &d.cols, costs, rows, cols, dy, dx, ranks, d.tiles, &error), error);
    free(costs);
    return d;
}

static void free_assignment(assigned *d)
{
    gd_cuts_free(&d->rows);
    gd_cuts_free(&d->cols);
    free(d->tiles);
}

static void each_tile_is_dealt_once_at_equal_cost(void **state)
{
    (void)state;
    int32_t ranks[] = {1, 2, 3, 7, 64, 500};
    for (int k = 0; k < 6; k++) {
        assigned d = make_assignment(5003, 7001, 512, 64, 1234, 4321, ranks[k]);
        int64_t area = 0, total = 0, largest = 0;
        for (int64_t i = 0; i < d.count; i++) {
            int64_t cost = gd_rect_area(d.tiles[i].window);
            area += gd_rect_area(d.tiles[i].core);
            total += cost;
            largest = cost > largest ? cost : largest;
            assert_true(d.tiles[i].rank >= (i ? d.tiles[i - 1].rank : 0) && d.tiles[i].rank < ranks[k]);
            for (int64_t j = 0; j < i; j++)
                assert_true(gd_rect_empty(gd_rect_intersect(d.tiles[i].core, d.tiles[j].core)));
        }
        assert_int_equal(area, 5003 * 7001);
        for (int32_t r = 0; r < ranks[k]; r++) {
            int64_t cost = 0;
            for (int64_t i = 0; i < d.count; i++)
                cost += d.tiles[i].rank == r ? gd_rect_area(d.tiles[i].window) : 0;
            assert_true(llabs(cost * ranks[k] - total) <= largest * ranks[k]);
        }
        free_assignment(&d);
    }
}

static void the_deal_does_not_depend_on_the_number_of_ranks(void **state)
{
    (void)state;
    assigned one = make_assignment(3000, 2000, 512, 64, 17, 1999, 1),
             many = make_assignment(3000, 2000, 512, 64, 17, 1999, 9);
    for (int64_t i = 0; i < one.count; i++) {
        assert_memory_equal(&one.tiles[i].core, &many.tiles[i].core, sizeof(gd_rect));
        assert_memory_equal(&one.tiles[i].window, &many.tiles[i].window, sizeof(gd_rect));
    }
    free_assignment(&one);
    free_assignment(&many);
}

/* Pixels that ranks fetch from others when each fetches what its windows cover once. Counted on a grid of 16
 * pixels. */
static double share_fetched(int64_t side, int32_t ranks, int64_t dy, int64_t dx)
{
    enum { GRID = 16 };
    gd_error error;
    gd_partition *partition;
    check_ok(gd_partition_create(side, side, ranks, &partition, &error), error);
    assigned d = make_assignment(side, side, 512, 64, dy, dx, ranks);
    int64_t cells = side / GRID, fetched = 0;
    int32_t *last = malloc((size_t)(cells * cells) * sizeof *last);
    assert_non_null(last);
    memset(last, 0xff, (size_t)(cells * cells) * sizeof *last);
    for (int64_t i = 0; i < d.count; i++) { /* tiles come rank by rank */
        gd_rect w = gd_unroll(d.tiles[i].window, side, side, dy, dx);
        for (int64_t y = w.y; y < w.y + w.rows; y += GRID) {
            for (int64_t x = w.x; x < w.x + w.cols; x += GRID) {
                int64_t py = y % side, px = x % side;
                int32_t *seen = &last[py / GRID * cells + px / GRID];
                int64_t block = py / GD_BLOCK * partition->block_cols + px / GD_BLOCK;
                fetched +=
                    *seen != d.tiles[i].rank && gd_partition_owner(partition, block) != d.tiles[i].rank;
                *seen = d.tiles[i].rank;
            }
        }
    }
    free(last);
    free_assignment(&d);
    gd_partition_free(partition);
    return (double)fetched / (double)(cells * cells);
}

static void most_of_what_a_rank_needs_is_its_own(void **state)
{
    (void)state;
    double worst = 0;
    for (int roll = 0; roll < 6; roll++) {
        double share = share_fetched(16384, 16, roll * 2711, roll * 5231);
        worst = share > worst ? share : worst;
    }
    print_message("fetched from others: at most %.2f of the canvas\n", worst);
    assert_true(worst < 0.25); /* more than 1 when tiles are assigned in rolled coordinates */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_keep_their_promises),
        cmocka_unit_test(cuts_of_real_networks_keep_their_promises),
        cmocka_unit_test(cores_are_as_equal_as_the_stride_allows),
        cmocka_unit_test(an_axis_below_the_smallest_input_is_refused),
        cmocka_unit_test(corners_leave_out_the_last),
        cmocka_unit_test(auto_halos_are_exact_where_that_is_cheap),
        cmocka_unit_test(unroll_is_the_log_s_convention),
        cmocka_unit_test(each_tile_is_dealt_once_at_equal_cost),
        cmocka_unit_test(the_deal_does_not_depend_on_the_number_of_ranks),
        cmocka_unit_test(most_of_what_a_rank_needs_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
