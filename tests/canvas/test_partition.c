/* Tests the Hilbert curve, and the partition of a canvas's blocks over ranks. */
#include "canvas/hilbert.h"
#include "canvas/plane.h"
#include "check.h"

#include <stdlib.h>

static void hilbert_visits_each_cell_once_by_single_steps(void **state)
{
    (void)state;
    for (uint32_t order = 0; order <= 6; order++) {
        uint32_t side = 1u << order;
        struct {
            int64_t y, x;
        } *at = calloc((size_t)side * side, sizeof *at);
        assert_non_null(at);
        for (uint32_t y = 0; y < side; y++) {
            for (uint32_t x = 0; x < side; x++) {
                uint64_t d = gd_hilbert(order, y, x);
                assert_true(d < (uint64_t)side * side);
                at[d].y += y + 1; /* a second visit would leave another 0, and so a step that is no step */
                at[d].x += x + 1;
            }
        }
        for (uint64_t d = 1; d < (uint64_t)side * side; d++)
            assert_int_equal(llabs(at[d].y - at[d - 1].y) + llabs(at[d].x - at[d - 1].x), 1);
        free(at);
    }
}

static void a_finer_hilbert_curve_turns_the_same_way(void **state)
{
    (void)state;
    for (uint32_t y = 0; y < 64; y++)
        for (uint32_t x = 0; x < 64; x++)
            for (uint32_t finer = 0; finer < 6; finer++)
                assert_int_equal(gd_hilbert(6, y, x) >> (2 * finer),
                                 gd_hilbert(6 - finer, y >> finer, x >> finer));
}

static void hilbert_is_right_at_the_far_end(void **state)
{
    (void)state;
    assert_int_equal(gd_hilbert(30, 0, 0), 0);
    assert_int_equal(gd_hilbert(30, 0, (1u << 30) - 1), (UINT64_C(1) << 60) - 1);
}

static void check_layout(int64_t rows, int64_t cols, int32_t ranks)
{
    gd_error error;
    gd_partition *partition;
    check_ok(gd_partition_create(rows, cols, ranks, &partition, &error), error);
    int64_t count = partition->block_rows * partition->block_cols, total = 0;
    assert_int_equal(partition->run_start[0], 0);
    assert_int_equal(partition->run_start[ranks], count);
    for (int32_t r = 0; r < ranks; r++) {
        int64_t area = 0;
        for (int64_t i = partition->run_start[r]; i < partition->run_start[r + 1]; i++) {
            assert_int_equal(partition->place[partition->order[i]], i);
            assert_int_equal(gd_partition_owner(partition, partition->order[i]), r);
            area += gd_rect_area(gd_partition_block(partition, partition->order[i]));
        }
        assert_true(llabs(area * ranks - rows * cols) <= (int64_t)GD_BLOCK * GD_BLOCK * ranks);
        total += area;
    }
    assert_int_equal(total, rows * cols);
    gd_partition_free(partition);
}

static void each_block_has_one_rank_and_ranks_equal_area(void **state)
{
    (void)state;
    int64_t sizes[] = {1, 255, 256, 257, 1000, 5000};
    int32_t ranks[] = {1, 2, 3, 7, 64, 1000};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++)
            for (int k = 0; k < 6; k++)
                check_layout(sizes[i], sizes[j], ranks[k]);
    check_layout(100000, 50000, 333);
    check_layout(1, INT64_C(1) << 30, 5);
}

static void blocks_along_the_curve_are_neighbours(void **state)
{
    (void)state;
    gd_error error;
    gd_partition *partition;
    check_ok(gd_partition_create(4096, 4096, 4, &partition, &error), error);
    for (int64_t i = 1; i < 256; i++) {
        gd_rect a = gd_partition_block(partition, partition->order[i - 1]),
                b = gd_partition_block(partition, partition->order[i]);
        assert_int_equal(llabs(a.y - b.y) + llabs(a.x - b.x), GD_BLOCK);
    }
    gd_partition_free(partition);
}

static void a_plane_holds_its_blocks_densely(void **state)
{
    (void)state;
    gd_error error;
    gd_partition *partition;
    gd_plane *plane;
    const gd_store store = {gd_memory_host(), NULL};
    check_ok(gd_partition_create(700, 1000, 3, &partition, &error), error);
    int64_t values = 0;
    for (int32_t r = 0; r < 3; r++) {
        check_ok(gd_plane_create(&store, partition, r, &plane, &error), error);
        float *next = plane->values;
        for (int64_t i = partition->run_start[r]; i < partition->run_start[r + 1]; i++) {
            float *block = NULL;
            check_ok(gd_plane_pin(plane, partition->order[i], GD_ACCESS_CHANGE, &block, &error), error);
            assert_ptr_equal(block, next);
            gd_plane_unpin(plane, partition->order[i]);
            next += 3 * gd_rect_area(gd_partition_block(partition, partition->order[i]));
        }
        assert_int_equal(next - plane->values, plane->value_count);
        values += plane->value_count;
        gd_plane_free(plane);
    }
    assert_int_equal(values, 700 * 1000 * 3);
    gd_partition_free(partition);
}

static void a_rank_without_blocks_has_an_empty_plane(void **state)
{
    (void)state;
    gd_error error;
    gd_partition *partition;
    const gd_store store = {gd_memory_host(), NULL};
    check_ok(gd_partition_create(100, 100, 3, &partition, &error), error);
    int64_t values = 0;
    for (int32_t r = 0; r < 3; r++) {
        gd_plane *plane;
        check_ok(gd_plane_create(&store, partition, r, &plane, &error), error);
        assert_true(plane->value_count == 0 || plane->value_count == 100 * 100 * 3);
        values += plane->value_count;
        gd_plane_free(plane);
    }
    assert_int_equal(values, 100 * 100 * 3);
    gd_partition_free(partition);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    gd_error error;
    gd_partition *partition;
    assert_int_equal(gd_partition_create(0, 10, 1, &partition, &error), GD_INTERNAL);
    assert_int_equal(gd_partition_create(10, (INT64_C(1) << 30) + 1, 1, &partition, &error), GD_INTERNAL);
    assert_int_equal(gd_partition_create(10, 10, 0, &partition, &error), GD_INTERNAL);
    assert_null(partition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hilbert_visits_each_cell_once_by_single_steps),
        cmocka_unit_test(a_finer_hilbert_curve_turns_the_same_way),
        cmocka_unit_test(hilbert_is_right_at_the_far_end),
        cmocka_unit_test(each_block_has_one_rank_and_ranks_equal_area),
        cmocka_unit_test(blocks_along_the_curve_are_neighbours),
        cmocka_unit_test(a_plane_holds_its_blocks_densely),
        cmocka_unit_test(a_rank_without_blocks_has_an_empty_plane),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
