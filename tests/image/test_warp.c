/* Maps of motions: where pixels come from, and the rectangles that have all samples of a rectangle. */
#include "check.h"
#include "image/warp.h"

#include <math.h>
#include <stddef.h>

static const gd_motion motions[] = {{1, 0, 0, 0},        {1.05, 0, 0, 0},   {0.5, 0, 0, 0},
                                    {2, 45, 0, 0},       {0.5, 45, 3.5, 7}, {1, 90, 0, 0},
                                    {1, -180, -9.25, 1}, {1.3, 17, 500, 0}, {1.3, 17, 0, -500}};
enum { MOTIONS = sizeof motions / sizeof *motions, ROWS = 70, COLS = 90 };

static bool has(gd_rect r, int64_t y, int64_t x)
{
    return y >= r.y && y < r.y + r.rows && x >= r.x && x < r.x + r.cols;
}

/* The sample of each corner of a pixel's 4 x 4. */
static void check_pixel_at(const gd_warp *warp, gd_rect source, double y, double x)
{
    const gd_warp_taps down = gd_warp_taps_of(y), across = gd_warp_taps_of(x);
    for (int i = 0; i < GD_WARP_TAPS; i++)
        assert_true(has(source, gd_warp_clamp(down.first + i, warp->height),
                        gd_warp_clamp(across.first + i, warp->width)));
}

static void check_pixel(const gd_warp *warp, gd_rect source, int64_t y, int64_t x)
{
    const gd_offsets *o = &warp->offsets;
    const double row = gd_warp_at(warp->rows, y, x), col = gd_warp_at(warp->cols, y, x);
    check_pixel_at(warp, source, row + o->low_y, col + o->high_x);
    check_pixel_at(warp, source, row + o->high_y, col + o->low_x);
}

static void check_sources(gd_offsets offsets)
{
    static const gd_rect targets[] = {
        {0, 0, 16, 16}, {0, 0, ROWS, COLS}, {64, 80, 6, 10}, {33, 5, 1, 1}, {2, 40, 60, 3}};
    for (int m = 0; m < MOTIONS; m++) {
        gd_warp warp = gd_warp_of(&motions[m], (gd_extent){ROWS, COLS});
        warp.offsets = offsets;
        for (size_t t = 0; t < sizeof targets / sizeof *targets; t++) {
            const gd_rect at = targets[t], source = gd_warp_source(&warp, at);
            const gd_extent most = gd_warp_most(&warp, (gd_extent){at.rows, at.cols});
            assert_true(source.rows >= 1 && source.rows <= most.rows && most.rows <= ROWS);
            assert_true(source.cols >= 1 && source.cols <= most.cols && most.cols <= COLS);
            for (int64_t y = at.y; y < at.y + at.rows; y++)
                for (int64_t x = at.x; x < at.x + at.cols; x++)
                    check_pixel(&warp, source, y, x);
        }
    }
}

static void sources_have_all_samples(void **state)
{
    (void)state;
    check_sources((gd_offsets){0});
    check_sources((gd_offsets){-3.5, 0, 0, 12.25});
    check_sources((gd_offsets){-300, 500, -0.125, 0.5});
}

/* The middle moves by the shift, and what is to its right turns up. */
static void motions_have_directions(void **state)
{
    (void)state;
    const gd_warp warp = gd_warp_of(&(gd_motion){2, 90, 10, 4}, (gd_extent){101, 201});
    assert_true(fabs(gd_warp_at(warp.rows, 54, 110) - 50) < 1e-9);
    assert_true(fabs(gd_warp_at(warp.cols, 54, 110) - 100) < 1e-9);
    assert_true(fabs(gd_warp_at(warp.rows, 44, 110) - 50) < 1e-9); /* 10 above it: 5 to the right, before */
    assert_true(fabs(gd_warp_at(warp.cols, 44, 110) - 105) < 1e-9);
}

static void weights_interpolate(void **state)
{
    (void)state;
    for (double at = -3; at < 3; at += 0.0625) {
        const gd_warp_taps taps = gd_warp_taps_of(at);
        double sum = 0, place = 0;
        for (int i = 0; i < GD_WARP_TAPS; i++) {
            sum += taps.weights[i];
            place += taps.weights[i] * (double)(taps.first + i);
        }
        assert_true(taps.first == (int64_t)floor(at) - 1);
        assert_true(fabs(sum - 1) < 1e-15 && fabs(place - at) < 1e-14);
    }
    assert_true(gd_warp_taps_of(5).weights[1] == 1 && gd_warp_taps_of(5).weights[0] == 0);
}

static void standing_still_is_known(void **state)
{
    (void)state;
    assert_false(gd_motion_moves(&motions[0]));
    for (int m = 1; m < MOTIONS; m++)
        assert_true(gd_motion_moves(&motions[m]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_have_all_samples), cmocka_unit_test(motions_have_directions),
        cmocka_unit_test(weights_interpolate), cmocka_unit_test(standing_still_is_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
