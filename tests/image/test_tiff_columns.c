/* Pages cut into runs of columns: what the parts make, put together, is the file of a single writer. */
#include "check.h"
#include "image/tiff/tiff_column_cut.h"
#include "image/tiff/tiff_columns.h"
#include "image/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gd_error error;

static uint8_t sample_at(int64_t y, int64_t x, int c)
{
    return (uint8_t)(y * 3 + x * (c + 1) + (uint8_t)(x * y * 7) / 16);
}

static uint8_t *picture_of(const gd_writer_options *options)
{
    uint8_t *samples = malloc((size_t)(options->rows * options->cols * 3));
    assert_non_null(samples);
    for (int64_t i = 0; i < options->rows * options->cols * 3; i++)
        samples[i] = sample_at(i / 3 / options->cols, i / 3 % options->cols, (int)(i % 3));
    return samples;
}

static uint8_t *load(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *bytes = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(*bytes + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *bytes, file), *bytes);
    fclose(file);
    return data;
}

static void every_column_is_in_one_part(void **state)
{
    (void)state;
    for (int64_t cols = 1; cols < 90000; cols += cols < 3000 ? 97 : 7919) {
        for (int32_t parts = 1; parts <= 65; parts += parts < 9 ? 1 : 14) {
            const gd_writer_options options = {.bits = 8, .rows = 1000, .cols = cols, .pyramid = true};
            const gd_column_cut cut = gd_column_cut_create(&options, parts);
            int64_t next = 0, rest = 0;
            for (int32_t part = 0; part < parts; part++) {
                const gd_tiff_columns_run run = gd_column_cut_part(&cut, part);
                if (run.cols == 0)
                    continue;
                assert_int_equal(run.first, next);
                assert_int_equal(run.first % cut.unit, 0);
                if (cut.rest_pages > 0) {
                    assert_int_equal(run.rest_first, rest);
                    assert_int_equal(run.first >> cut.pages, rest);
                }
                next += run.cols;
                rest += run.rest_cols;
            }
            assert_int_equal(next, cols);
            assert_int_equal(rest, cut.rest_cols);
            assert_int_equal(cut.band, 256);
            assert_true(cut.pages >= 2 || cut.rest_pages == 0);
            if (parts == 1)
                assert_int_equal(cut.rest_pages, 0);
        }
    }
}

/* Where a poster is wide enough, no part has a fifth more than its share, and more pages are made in parts.
 */
static void parts_are_alike(void **state)
{
    (void)state;
    for (int32_t parts = 2; parts <= 12; parts++) {
        const gd_writer_options options = {.bits = 8, .rows = 25000, .cols = 40000, .pyramid = true};
        const gd_column_cut cut = gd_column_cut_create(&options, parts);
        assert_true(cut.pages >= 2 && (parts > 4 || cut.pages >= 3));
        for (int32_t part = 0; part < parts; part++)
            assert_true((double)gd_column_cut_part(&cut, part).cols <= 1.2 * 40000 / parts + 1);
    }
}

/* What a part has made. */
typedef struct made {
    gd_writer *writer;
    const gd_column_cut *cut;
    gd_tiff_columns_run run;
    uint8_t *rest; /* [rest_rows, rest_cols, 3] of all parts */
    int64_t rows;
} made;

static gd_status take_tile(void *context, int32_t page, int64_t number, const void *data, size_t bytes,
                           gd_error *failure)
{
    const made *m = context;
    assert_true(bytes <= gd_tiff_columns_tile_most(8));
    return gd_writer_tile(m->writer, page, number, data, bytes, failure);
}

static gd_status take_row(void *context, const void *samples, gd_error *failure)
{
    made *m = context;
    (void)failure;
    assert_true(m->rows < m->cut->rest_rows);
    memcpy(m->rest + (m->rows++ * m->cut->rest_cols + m->run.rest_first) * 3, samples,
           (size_t)m->run.rest_cols * 3);
    return GD_OK;
}

/* Rows of the run, a row of tiles. */
static void make_band(const gd_writer_options *options, const uint8_t *picture, gd_tiff_columns *columns,
                      gd_tiff_columns_run run, int64_t y, int64_t height)
{
    for (int64_t i = 0; i < height && y + i < options->rows; i++)
        check_ok(gd_tiff_columns_row(columns, picture + ((y + i) * options->cols + run.first) * 3, &error),
                 error);
}

enum { PARTS_MAX = 7 };

static void write_in_parts(const gd_writer_options *whole, const uint8_t *picture, int32_t parts)
{
    gd_writer_options options = *whole;
    const gd_column_cut cut = gd_column_cut_create(&options, parts);
    gd_writer *writer = NULL;
    gd_tiff_columns *runs[PARTS_MAX] = {NULL};
    made all[PARTS_MAX];
    uint8_t *rest = calloc((size_t)(cut.rest_rows * cut.rest_cols) * 3 + 1, 1);
    assert_non_null(rest);
    options.tiled_pages = cut.pages;
    check_ok(gd_writer_open("parts.tif", &options, &writer, &error), error);
    for (int32_t p = 0; p < parts; p++) {
        all[p] = (made){.writer = writer, .cut = &cut, .run = gd_column_cut_part(&cut, p), .rest = rest};
        const gd_tiff_columns_place place = {
            .pages = cut.pages, .first = all[p].run.first, .cols = all[p].run.cols};
        const gd_tiff_columns_hooks hooks = {.context = &all[p], .tile = take_tile, .row = take_row};
        if (all[p].run.cols > 0)
            check_ok(gd_tiff_columns_create("parts.tif", &options, &place, &hooks, &runs[p], &error), error);
    }
    for (int64_t y = 0; y < options.rows; y += cut.band)
        for (int32_t p = 0; p < parts; p++)
            if (runs[p])
                make_band(&options, picture, runs[p], all[p].run, y, cut.band);
    check_ok(gd_writer_samples(writer, cut.rest_rows, rest, &error), error);
    check_ok(gd_writer_finish(writer, &error), error);
    for (int32_t p = 0; p < parts; p++)
        gd_tiff_columns_free(runs[p]);
    free(rest);
}

static void parts_make_the_same_file(void **state)
{
    (void)state;
    static const int64_t shapes[][2] = {{300, 2900}, {530, 1030}, {100, 1537},
                                        {257, 513},  {64, 6000},  {9, 9}};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const gd_writer_options options = {.kind = GD_FILE_TIFF,
                                           .rows = shapes[k][0],
                                           .cols = shapes[k][1],
                                           .bits = 8,
                                           .compression =
                                               k % 2 ? GD_COMPRESSION_JPEG : GD_COMPRESSION_DEFLATE,
                                           .pyramid = true};
        uint8_t *picture = picture_of(&options);
        gd_writer *writer = NULL;
        size_t whole_bytes = 0, parts_bytes = 0;
        check_ok(gd_writer_open("whole.tif", &options, &writer, &error), error);
        check_ok(gd_writer_samples(writer, options.rows, picture, &error), error);
        check_ok(gd_writer_finish(writer, &error), error);
        uint8_t *whole = load("whole.tif", &whole_bytes);
        for (int32_t parts = 1; parts <= PARTS_MAX; parts++) {
            write_in_parts(&options, picture, parts);
            uint8_t *data = load("parts.tif", &parts_bytes);
            if (parts_bytes != whole_bytes || memcmp(data, whole, whole_bytes) != 0)
                fail_msg("shape %zu in %d parts is another file", k, parts);
            free(data);
        }
        free(whole);
        free(picture);
    }
}

/* Noise is what compresses worst. */
static void no_tile_is_larger_than_promised(void **state)
{
    (void)state;
    for (int scheme = GD_COMPRESSION_DEFLATE; scheme <= GD_COMPRESSION_NONE; scheme++) {
        for (int bits = 8; bits <= (scheme == GD_COMPRESSION_JPEG ? 8 : 16); bits += 8) {
            const gd_writer_options options = {.kind = GD_FILE_TIFF,
                                               .rows = 256,
                                               .cols = 256,
                                               .bits = bits,
                                               .compression = (gd_compression)scheme};
            gd_writer *writer = NULL;
            size_t bytes = 0;
            uint8_t *samples = malloc(256 * 256 * 6);
            uint32_t random = 1;
            assert_non_null(samples);
            for (size_t i = 0; i < 256 * 256 * 6; i++) { /* Marsaglia 2003 */
                random ^= random << 13;
                random ^= random >> 17;
                random ^= random << 5;
                samples[i] = (random >> 24) & 1 ? 255 : 0;
            }
            if (gd_writer_open("whole.tif", &options, &writer, &error) == GD_OK) { /* there may be no zstd */
                check_ok(gd_writer_samples(writer, 256, samples, &error), error);
                check_ok(gd_writer_finish(writer, &error), error);
                free(load("whole.tif", &bytes));
                print_message("%s, %d bits: %zu bytes\n",
                              gd_enum_text(gd_compression_names, (int)options.compression), bits, bytes);
                assert_true(bytes < gd_tiff_columns_tile_most(bits) / 3 * 2);
            }
            free(samples);
        }
    }
}

static void what_is_missing_or_foreign_is_refused(void **state)
{
    (void)state;
    const gd_writer_options options = {
        .kind = GD_FILE_TIFF, .rows = 300, .cols = 600, .bits = 8, .pyramid = true, .tiled_pages = 3};
    gd_writer *writer = NULL;
    check_ok(gd_writer_open("missing.tif", &options, &writer, &error), error);
    assert_int_equal(gd_writer_tile(writer, 3, 0, "x", 1, &error), GD_INTERNAL); /* pages 0, 1 and 2 */
    assert_int_equal(gd_writer_tile(writer, 0, 6, "x", 1, &error), GD_INTERNAL); /* tiles 0 to 5 */
    assert_int_equal(gd_writer_tile(writer, 0, -1, "x", 1, &error), GD_INTERNAL);
    for (int64_t tile = 0; tile < 5; tile++)
        check_ok(gd_writer_tile(writer, 0, tile, "x", 1, &error), error);
    assert_int_equal(gd_writer_finish(writer, &error), GD_INTERNAL);
    assert_non_null(strstr(error.message, "5 of 6 tiles"));
    assert_int_equal(access("missing.tif", F_OK), -1);
}

static int start(void **state)
{
    (void)state;
    static char folder[] = "columns.XXXXXX";
    return mkdtemp(folder) ? chdir(folder) : 1;
}

static int stop(void **state)
{
    (void)state;
    char *folder = getcwd(NULL, 0);
    (void)unlink("whole.tif");
    (void)unlink("parts.tif");
    const int left = folder && chdir("..") == 0 ? rmdir(folder) : 1;
    free(folder);
    return left;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_is_in_one_part),
        cmocka_unit_test(parts_are_alike),
        cmocka_unit_test(parts_make_the_same_file),
        cmocka_unit_test(no_tile_is_larger_than_promised),
        cmocka_unit_test(what_is_missing_or_foreign_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
