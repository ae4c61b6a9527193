/* Previews: when one is due, its number, name and size. */
#include "check.h"

#include "files/preview_names.h"

#include <string.h>

/* -or -1 2 -os 10 --preview-every 4 */
static const gd_preview_interval every_four = {.octave_first = -1, .octave_end = 2, .steps = 10, .every = 4};

static void each_is_counted_once(void **state)
{
    (void)state;
    int64_t number = 0;
    for (int g = 0; g < 30; g++) {
        const bool due = (g + 1) % 10 == 0 || (g + 1) % 4 == 0;
        number += due;
        assert_int_equal(gd_preview_number(&every_four, g / 10 - 1, g % 10), due ? number : 0);
    }
    assert_int_equal(gd_preview_last(&every_four), number);
}

static void at_the_end_of_octaves(void **state)
{
    (void)state;
    gd_preview_interval r = {.octave_first = -4, .octave_end = 2, .steps = 10};
    assert_int_equal(gd_preview_number(&r, -3, 9), 2);
    assert_int_equal(gd_preview_number(&r, -3, 8), 0);
    assert_int_equal(gd_preview_last(&r), 6);
    r.steps = 0;
    assert_int_equal(gd_preview_last(&r), 0);
}

static void names(void **state)
{
    (void)state;
    char path[GD_PREVIEW_NAME_BYTES];
    gd_preview_path("f_%03d.jpg", 7, path);
    assert_string_equal(path, "f_007.jpg");
    gd_preview_path("f_%d.jpg", 12, path);
    assert_string_equal(path, "f_12.jpg");
    gd_preview_path("a,b.png", 7, path);
    assert_string_equal(path, "a,b.png");
    gd_preview_path("/disk%20/f%d.png", 1, path); /* a folder may have a % */
    assert_string_equal(path, "/disk%20/f1.png");
}

static void names_of_a_pattern(void **state)
{
    (void)state;
    assert_true(gd_preview_matches("/f/a%02d.jpg", 1, 12, "/f/a01.jpg"));
    assert_true(gd_preview_matches("/f/a%02d.jpg", 1, 12, "/f/a12.jpg"));
    assert_false(gd_preview_matches("/f/a%02d.jpg", 1, 12, "/f/a13.jpg")); /* there are 12 */
    assert_false(gd_preview_matches("/f/a%02d.jpg", 1, 12, "/f/a00.jpg"));
    assert_true(gd_preview_matches("/f/a%02d.jpg", 0, 12, "/f/a00.jpg"));
    assert_false(gd_preview_matches("/f/a%02d.jpg", 1, 12, "/f/a1.jpg")); /* it would be a01 */
    assert_false(gd_preview_matches("/f/a%02d.jpg", 1, 12, "/g/a01.jpg"));
    assert_false(gd_preview_matches("/f/a%02d.jpg", 1, 12, "/f/a01.png"));
    assert_true(gd_preview_matches("/f/a%d7.jpg", 1, 12, "/f/a17.jpg")); /* digits behind the number */
    assert_false(gd_preview_matches("/f/a%d7.jpg", 1, 12, "/f/a7.jpg"));
}

static void sizes(void **state)
{
    (void)state;
    int64_t rows, cols;
    gd_preview_size(300, 1000, 2000, &rows, &cols);
    assert_true(rows == 150 && cols == 300);
    gd_preview_size(300, 100, 50, &rows, &cols); /* never larger than the picture */
    assert_true(rows == 100 && cols == 50);
    gd_preview_size(16, 1, 40000, &rows, &cols);
    assert_true(rows == 1 && cols == 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_counted_once),
        cmocka_unit_test(at_the_end_of_octaves),
        cmocka_unit_test(names),
        cmocka_unit_test(names_of_a_pattern),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
