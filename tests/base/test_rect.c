/* Tests rectangles against a grid that is painted cell by cell. */
#include "base/rect.h"
#include "check.h"

#include <string.h>

enum { SIDE = 7 };

static void paint(unsigned char grid[SIDE][SIDE], gd_rect r, int value)
{
    for (int64_t y = r.y; y < r.y + r.rows; y++)
        for (int64_t x = r.x; x < r.x + r.cols; x++)
            grid[y][x] = (unsigned char)(grid[y][x] + value);
}

static void each_pair(void (*visit)(gd_rect a, gd_rect b))
{
    gd_rect all[400];
    int count = 0;
    for (int y = 0; y < SIDE; y += 2)
        for (int x = 0; x < SIDE; x += 2)
            for (int rows = 1; y + rows <= SIDE; rows += 2)
                for (int cols = 1; x + cols <= SIDE; cols += 2)
                    all[count++] = (gd_rect){y, x, rows, cols};
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            visit(all[i], all[j]);
}

static void check_subtract(gd_rect a, gd_rect b)
{
    unsigned char expected[SIDE][SIDE] = {{0}}, actual[SIDE][SIDE] = {{0}};
    paint(expected, a, 1);
    paint(expected, gd_rect_intersect(a, b), -1);
    gd_rect parts[4];
    int count = gd_rect_subtract(a, b, parts);
    for (int i = 0; i < count; i++) {
        assert_false(gd_rect_empty(parts[i]));
        paint(actual, parts[i], 1);
    }
    assert_memory_equal(expected, actual, sizeof expected);
}

static void subtract_covers_the_rest_once(void **state)
{
    (void)state;
    each_pair(check_subtract);
}

static void intersect_of_apart_is_empty(void **state)
{
    (void)state;
    gd_rect c = gd_rect_intersect((gd_rect){0, 0, 2, 2}, (gd_rect){5, 5, 1, 1});
    assert_true(gd_rect_empty(c));
    assert_int_equal(gd_rect_area(c), 0);
}

static void unwrap_follows_the_torus(void **state)
{
    (void)state;
    for (int64_t y = 0; y < SIDE; y++) {
        for (int64_t x = 0; x < SIDE; x++) {
            gd_rect r = {y, x, SIDE - 1, 4}, parts[4], at[4];
            int64_t covered = 0;
            int count = gd_rect_unwrap(r, SIDE, SIDE, parts, at);
            for (int i = 0; i < count; i++) {
                assert_int_equal((r.y + at[i].y) % SIDE, parts[i].y);
                assert_int_equal((r.x + at[i].x) % SIDE, parts[i].x);
                assert_true(parts[i].y + parts[i].rows <= SIDE && parts[i].x + parts[i].cols <= SIDE);
                covered += gd_rect_area(parts[i]);
            }
            assert_int_equal(covered, gd_rect_area(r));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subtract_covers_the_rest_once),
        cmocka_unit_test(intersect_of_apart_is_empty),
        cmocka_unit_test(unwrap_follows_the_torus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
