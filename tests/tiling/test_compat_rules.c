/* The table of rules: what each row says, and what each rule computes. */
#include "check.h"
#include "tiling/compat_rules.h"

static const gd_compat_rules *own(void)
{
    return gd_compat_rules_of(GD_COMPAT_NONE);
}

static const gd_compat_rules *tensorflow(void)
{
    return gd_compat_rules_of(GD_COMPAT_TENSORFLOW);
}

static void rows_are_whole(void **state)
{
    (void)state;
    for (int i = 0; i < GD_COMPAT_COUNT; i++) {
        const gd_compat_rules *rules = gd_compat_rules_of((gd_compat)i);
        assert_non_null(rules->program);
        assert_true(rules->steps > 0 && rules->tile > 0);
    }
}

/* A halo needs tiles in strides, and windows that are not their cores. */
static void halos_go_with_rounded_tiles(void **state)
{
    (void)state;
    for (int i = 0; i < GD_COMPAT_COUNT; i++) {
        const gd_compat_rules *rules = gd_compat_rules_of((gd_compat)i);
        assert_true(!rules->halo || (rules->tile_rounded && rules->cuts == GD_CUTS_COVER));
    }
}

static void own_rules(void **state)
{
    (void)state;
    assert_int_equal(own()->resample, GD_RESAMPLE_LANCZOS3);
    assert_int_equal(own()->cuts, GD_CUTS_COVER);
    assert_true(own()->halo && own()->keep_detail && own()->tile_auto && !own()->own_units);
    assert_int_equal(own()->precision, GD_PRECISION_AUTO);
    assert_int_equal(own()->steps, 20);
    assert_int_equal(own()->tile, 2048);
    assert_null(own()->output);
}

static void the_published_program(void **state)
{
    (void)state;
    const gd_compat_rules *rules = tensorflow();
    assert_int_equal(rules->resample, GD_RESAMPLE_BILINEAR);
    assert_int_equal(rules->cuts, GD_CUTS_CORNERS);
    assert_true(!rules->halo && !rules->keep_detail && !rules->tile_auto && rules->own_units);
    assert_int_equal(rules->precision, GD_PRECISION_FP32);
    assert_int_equal(rules->steps, 80);
    assert_int_equal(rules->tile, 512);
    assert_string_equal(rules->output, "output");
}

/* 1.4^2 is 1.95999999999999996 in double and 1.96000003814697266 in float32. */
static void extents_are_truncated_in_their_arithmetic(void **state)
{
    (void)state;
    const gd_extent base = {100, 1000};
    const gd_extent exact = gd_rules_extent(own(), base, 1.4, 2);
    const gd_extent rounded = gd_rules_extent(tensorflow(), base, 1.4, 2);
    assert_int_equal(exact.rows, 195);
    assert_int_equal(exact.cols, 1959);
    assert_int_equal(rounded.rows, 196);
    assert_int_equal(rounded.cols, 1960);
    for (int i = 0; i < GD_COMPAT_COUNT; i++)
        assert_true(gd_extent_same(gd_rules_extent(gd_compat_rules_of((gd_compat)i), base, 1.4, 0), base));
}

static void tiles_are_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(gd_rules_tile(own(), 500, 32), 512);
    assert_int_equal(gd_rules_tile(own(), 512, 32), 512);
    assert_int_equal(gd_rules_tile(tensorflow(), 500, 32), 500);
}

static void rolls_have_their_range(void **state)
{
    (void)state;
    int64_t first, count;
    gd_rules_roll(own(), 1000, 512, &first, &count);
    assert_int_equal(first, 0);
    assert_int_equal(count, 1000);
    gd_rules_roll(tensorflow(), 1000, 512, &first, &count);
    assert_int_equal(first, -512);
    assert_int_equal(count, 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(halos_go_with_rounded_tiles),
        cmocka_unit_test(own_rules),
        cmocka_unit_test(the_published_program),
        cmocka_unit_test(extents_are_truncated_in_their_arithmetic),
        cmocka_unit_test(tiles_are_rounded_up),
        cmocka_unit_test(rolls_have_their_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
