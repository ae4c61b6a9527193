/* Pictures that EXIF turns, waiting in memory and in a file, against the standard's table pixel by pixel. */
#include "check.h"
#include "image/decoder.h"
#include "image/upright.h"
#include "turned.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static gd_error error;

static uint16_t sample_at(int64_t y, int64_t x, int c, int bits)
{
    return (uint16_t)((y * 8123 + x * 37 + c * 12347) & ((1 << bits) - 1));
}

/* A picture as it is stored, made row by row. */
static gd_status made_row(gd_decoder *source, void *row, gd_error *ignored)
{
    (void)ignored;
    for (int64_t i = 0; i < 3 * source->cols; i++) {
        const uint16_t sample = sample_at(source->next, i / 3, (int)(i % 3), source->bits);
        if (source->bits == 16)
            ((uint16_t *)row)[i] = sample;
        else
            ((uint8_t *)row)[i] = (uint8_t)sample;
    }
    return GD_OK;
}

static void made_close(gd_decoder *source)
{
    free(source);
}

static const gd_decoder_class MADE = {.row = made_row, .close = made_close};

static gd_decoder *made(int64_t rows, int64_t cols, int bits, int orientation)
{
    gd_decoder *source = malloc(sizeof *source);
    assert_non_null(source);
    *source = (gd_decoder){.class = &MADE,
                           .path = "made.jpg",
                           .rows = rows,
                           .cols = cols,
                           .bits = bits,
                           .orientation = orientation,
                           .profile = {.dpi_x = 300, .dpi_y = 200}};
    return source;
}

static void check_row(const gd_decoder *source, const void *row, int orientation, int rows, int cols)
{
    for (int i = 0; i < 3 * source->cols; i++) {
        int r, c;
        stored_at(orientation, rows, cols, (int)source->next, i / 3, &r, &c);
        const int seen = source->bits == 16 ? ((const uint16_t *)row)[i] : ((const uint8_t *)row)[i];
        const int wanted = sample_at(r, c, i % 3, source->bits);
        if (seen != wanted)
            fail_msg("orientation %d of %d x %d, row %d, sample %d: %d, not %d", orientation, cols, rows,
                     (int)source->next, i, seen, wanted);
    }
}

static void check_turned(int rows, int cols, int bits, int orientation, bool in_file)
{
    gd_decoder *source = made(rows, cols, bits, orientation);
    check_ok(gd_decoder_upright(&source, ".", in_file ? 0 : UINT64_MAX, &error), error);
    const bool swapped = orientation > 4, waits = orientation > 2;
    const uint64_t all = (uint64_t)rows * (uint64_t)cols * 3 * (uint64_t)(bits / 8);
    assert_true(source->rows == (swapped ? cols : rows) && source->cols == (swapped ? rows : cols));
    assert_true(source->profile.dpi_x == (swapped ? 200 : 300));
    assert_true(source->waiting == (in_file && waits ? all : 0));
    assert_true(source->held >= (!in_file && waits ? all : 0));
    void *row = malloc((size_t)source->cols * 6);
    assert_non_null(row);
    for (; source->next < source->rows; source->next++) {
        check_ok(source->class->row(source, row, &error), error);
        check_row(source, row, orientation, rows, cols);
    }
    free(row);
    gd_decoder_close(source);
}

/* Of several tiles of 256 x 256, of one, and of less. */
static void every_pixel_is_in_its_place(void **state)
{
    (void)state;
    static const int sizes[][2] = {{600, 301}, {301, 600}, {256, 512}, {1, 700}, {700, 1}, {3, 2}, {1, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int orientation = 1; orientation <= 8; orientation++)
            for (int k = 0; k < 4; k++)
                check_turned(sizes[i][0], sizes[i][1], k % 2 ? 16 : 8, orientation, k / 2);
}

static void a_file_leaves_a_row_of_tiles_in_memory(void **state)
{
    (void)state;
    gd_decoder *source = made(30000, 20000, 8, 6);
    check_ok(gd_decoder_upright(&source, ".", 64 << 20, &error), error);
    assert_true(source->waiting == UINT64_C(3) * 30000 * 20000);
    assert_true(source->held >= 3 * 30000 * 256 && source->held < 3 * 30000 * 260);
    gd_decoder_close(source);
    source = made(30000, 20000, 8, 6);
    check_ok(gd_decoder_upright(&source, NULL, 64 << 20, &error), error);
    assert_true(source->waiting == 0 && source->held >= UINT64_C(3) * 30000 * 20000);
    gd_decoder_close(source);
}

/* The sentence of the first row, when its file cannot be made in `folder`. */
static void check_refused(const char *folder, int64_t rows, int64_t cols, const char *word)
{
    gd_decoder *source = made(rows, cols, 8, 8);
    check_ok(gd_decoder_upright(&source, folder, 0, &error), error);
    void *row = malloc((size_t)source->cols * 3);
    assert_non_null(row);
    error.message[0] = '\0';
    assert_int_equal(source->class->row(source, row, &error), GD_USAGE);
    if (strncmp(error.message, folder, strlen(folder)) != 0 || !strstr(error.message, "--scratch") ||
        !strstr(error.message, word))
        fail_msg("\"%s\" does not name %s, --scratch and %s", error.message, folder, word);
    free(row);
    gd_decoder_close(source);
}

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_is_a_sentence(void **state)
{
    (void)state;
    check_refused("./no such folder", 300, 300, "No such file");
    check_refused(".", 10000000, 10000000, "GiB are free; make room");
    struct rlimit before, small;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = 100000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    check_refused(".", 300, 300, "turn made.jpg upright before");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pixel_is_in_its_place),
        cmocka_unit_test(a_file_leaves_a_row_of_tiles_in_memory),
        cmocka_unit_test(a_full_disk_is_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
