/* Masks: area means against plain loops in double, where they are black, and files that are no masks. */
#include "check.h"
#include "image/mask/mask.h"
#include "image/writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 37, COLS = 53 };

/* The samples of a file: black but for a rectangle and a pixel; `grey`: of 255. */
static int grey_at(int64_t y, int64_t x)
{
    if (y == 30 && x == 50)
        return 1;
    return y >= 5 && y < 16 && x >= 11 && x < 29 ? (int)(100 + (y * 31 + x * 17) % 156) : 0;
}

/* A PNG of rows x cols; `red`: added to the first channel, of 255. */
static void write_file(const char *path, int64_t rows, int64_t cols, int (*value)(int64_t y, int64_t x),
                       float red)
{
    gd_error error;
    gd_writer *writer = NULL;
    const gd_writer_options options = {.kind = GD_FILE_PNG, .rows = rows, .cols = cols, .bits = 8};
    float *row = calloc((size_t)cols * 3, sizeof *row);
    assert_non_null(row);
    check_ok(gd_writer_open(path, &options, &writer, &error), error);
    for (int64_t y = 0; y < rows; y++) {
        for (int64_t i = 0; i < 3 * cols; i++)
            row[i] = ((float)value(y, i / 3) + (i % 3 ? 0 : red)) / 127.5F - 1;
        check_ok(gd_writer_rows(writer, 1, row, &error), error);
    }
    check_ok(gd_writer_finish(writer, &error), error);
    free(row);
}

/* The mean of the file's values over a pixel of a canvas: cut into parts of whole pixels, by areas. */
static double mean_over(int64_t y, int64_t x, int64_t rows, int64_t cols)
{
    const double top = (double)y * ROWS / (double)rows, bottom = (double)(y + 1) * ROWS / (double)rows;
    const double left = (double)x * COLS / (double)cols, right = (double)(x + 1) * COLS / (double)cols;
    double sum = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        for (int64_t c = 0; c < COLS; c++) {
            const double high = fmin(bottom, (double)r + 1) - fmax(top, (double)r);
            const double wide = fmin(right, (double)c + 1) - fmax(left, (double)c);
            sum += high > 0 && wide > 0 ? high * wide * grey_at(r, c) / 255 : 0;
        }
    }
    return sum / ((bottom - top) * (right - left));
}

static void rows_are_area_means(void **state)
{
    static const int64_t sizes[][2] = {{ROWS, COLS}, {11, 20}, {90, 131}, {37, 106}, {1, 1}, {200, 7}};
    gd_error error;
    gd_mask mask;
    (void)state;
    write_file("mask.png", ROWS, COLS, grey_at, 0);
    check_ok(gd_mask_read("mask.png", NULL, NULL, &mask, &error), error);
    assert_false(mask.coloured);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const gd_extent full = {sizes[s][0], sizes[s][1]};
        gd_mask_reader *reader = NULL;
        float *row = malloc((size_t)full.cols * sizeof *row);
        check_ok(gd_mask_reader_open("mask.png", NULL, &mask, full, &reader, &error), error);
        for (int64_t y = 0; y < full.rows; y++) {
            check_ok(gd_mask_reader_row(reader, row, &error), error);
            for (int64_t x = 0; x < full.cols; x++) {
                const double wanted = mean_over(y, x, full.rows, full.cols);
                /* A sample comes as a float in [-1, 1], a mask leaves as one: half a unit of each. */
                assert_true(fabs((double)row[x] - wanted) <= 1e-7);
                /* Here sums of doubles end a little above 0 where it is black. */
                assert_int_equal(row[x] > 0, wanted > 1e-12);
                assert_int_equal(gd_mask_is_black(&mask.cells, full, (gd_rect){y, x, 1, 1}), row[x] == 0);
            }
        }
        gd_mask_reader_close(reader);
        free(row);
    }
}

static int white(int64_t y, int64_t x)
{
    (void)y;
    (void)x;
    return 255;
}

static int black(int64_t y, int64_t x)
{
    (void)y;
    (void)x;
    return 0;
}

static void white_stays_white(void **state)
{
    gd_error error;
    gd_mask mask;
    gd_mask_reader *reader = NULL;
    float row[71];
    (void)state;
    write_file("white.png", ROWS, COLS, white, 0);
    check_ok(gd_mask_read("white.png", NULL, NULL, &mask, &error), error);
    assert_true(mask.mean == 1);
    check_ok(gd_mask_reader_open("white.png", NULL, &mask, (gd_extent){101, 71}, &reader, &error), error);
    for (int64_t y = 0; y < 101; y++) {
        check_ok(gd_mask_reader_row(reader, row, &error), error);
        for (int x = 0; x < 71; x++)
            assert_true(row[x] == 1.0F);
    }
    gd_mask_reader_close(reader);
}

/* A dot in a mask with more pixels than there are cells. */
static int dot(int64_t y, int64_t x)
{
    return y == 3 && x == 2100 ? 255 : 0;
}

static void cells_of_several_pixels_hide_nothing(void **state)
{
    const gd_extent full = {40, 5000};
    gd_error error;
    gd_mask mask;
    (void)state;
    write_file("wide.png", 10, 2500, dot, 0);
    check_ok(gd_mask_read("wide.png", NULL, NULL, &mask, &error), error);
    assert_int_equal(mask.cells.cols, GD_MASK_CELLS);
    assert_false(gd_mask_is_black(&mask.cells, full, (gd_rect){12, 4200, 4, 2}));
    assert_false(gd_mask_is_black(&mask.cells, full, (gd_rect){0, 4000, 40, 201}));
    assert_true(gd_mask_is_black(&mask.cells, full, (gd_rect){0, 0, 40, 4190}));
    assert_true(gd_mask_is_black(&mask.cells, full, (gd_rect){0, 4210, 40, 790}));
    assert_true(gd_mask_is_black(&mask.cells, full, (gd_rect){16, 0, 24, 5000}));
}

static void what_is_no_mask_is_refused(void **state)
{
    gd_error error;
    gd_mask mask, other;
    gd_mask_reader *reader = NULL;
    (void)state;
    write_file("black.png", ROWS, COLS, black, 0);
    assert_int_equal(gd_mask_read("black.png", NULL, NULL, &mask, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "--mask black.png: all of it is black"));
    assert_int_equal(gd_mask_read("none.png", NULL, NULL, &mask, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "--mask: none.png: cannot be read"));
    write_file("red.png", ROWS, COLS, grey_at, 60);
    check_ok(gd_mask_read("red.png", NULL, NULL, &mask, &error), error);
    assert_true(mask.coloured);
    write_file("mask.png", ROWS, COLS, grey_at, 0);
    check_ok(gd_mask_read("mask.png", NULL, NULL, &other, &error), error);
    assert_true(mask.crc != other.crc);
    const gd_extent full = {ROWS, COLS};
    assert_int_equal(gd_mask_reader_open("red.png", NULL, &other, full, &reader, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "is not the file that it was at the start"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_area_means),
        cmocka_unit_test(white_stays_white),
        cmocka_unit_test(cells_of_several_pixels_hide_nothing),
        cmocka_unit_test(what_is_no_mask_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
