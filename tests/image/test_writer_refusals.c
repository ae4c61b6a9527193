/* What cannot be written is refused before anything is computed, and names choose the format. */
#include "image/writer.h"
#include "make.h"
#include "picture_check.h"
#include "picture_write.h"

#include <string.h>
#include <tiffio.h>
#include <unistd.h>

static gd_error error;

static void check_refuses(const char *path, gd_file_kind kind, int64_t rows, int64_t cols, int bits,
                          const char *word)
{
    gd_writer_options options = {.kind = kind, .rows = rows, .cols = cols, .bits = bits};
    error.message[0] = '\0';
    assert_int_equal(gd_writer_check(path, &options, &error), GD_USAGE);
    if (!strstr(error.message, word) || !strstr(error.message, path))
        fail_msg("\"%s\" does not name %s and %s", error.message, path, word);
}

static void what_cannot_be_written_is_refused_before(void **state)
{
    (void)state;
    char name[400] = "";
    memset(name, 'n', 300);
    check_refuses("a.jpg", GD_FILE_JPEG, 10, 65501, 8, "65500");
    check_refuses("a.jpg", GD_FILE_JPEG, 65501, 10, 8, "65500");
    check_refuses("a.jpg", GD_FILE_JPEG, 10, 10, 16, "16 bits");
    check_refuses("a.png", GD_FILE_PNG, 10, 10, 32, "32 bits");
    check_refuses("a.png", GD_FILE_PNG, 0, 10, 8, "10 x 0");
    check_refuses("nowhere/a.png", GD_FILE_PNG, 10, 10, 8, "nowhere");
    check_refuses(".", GD_FILE_PNG, 10, 10, 8, "a folder");
    check_refuses("/dev/null", GD_FILE_PNG, 10, 10, 8, "a device");
    check_refuses("a.tif", GD_FILE_TIFF, 9000000, 9000000, 16, "room for");
    check_refuses("a.tif", GD_FILE_TIFF, 9000000, 9000000, 16,
                  "464712540"); /* MiB, tiles with what comes to them */
    check_refuses(name, GD_FILE_TIFF, 10, 10, 8, "255");
    gd_writer_options good = {.kind = GD_FILE_JPEG, .rows = 10, .cols = 65500, .bits = 8};
    check_ok(gd_writer_check("new.jpg", &good, &error), error);
    assert_int_equal(access("new.jpg", F_OK), -1); /* nothing is made */
}

static void check_refuses_tiff(gd_writer_options options, const char *word)
{
    gd_writer *writer;
    options.kind = GD_FILE_TIFF;
    options.rows = options.rows ? options.rows : 10;
    options.cols = 40000;
    error.message[0] = '\0';
    assert_int_equal(gd_writer_check("a.tif", &options, &error), GD_USAGE);
    if (!strstr(error.message, word))
        fail_msg("\"%s\" does not hold %s", error.message, word);
    assert_int_equal(gd_writer_open("a.tif", &options, &writer, &error), GD_USAGE);
}

static void tiffs_that_cannot_be_are_refused_before(void **state)
{
    (void)state;
    const gd_writer_options never = {.bits = 8, .bigtiff = GD_BIGTIFF_NEVER};
    gd_writer_options options = never;
    options.rows = 36000;
    check_refuses_tiff(options, "4.35 GB; use --bigtiff auto");
    options.rows = 30000;
    options.pyramid = true;
    check_refuses_tiff(options, "with their pyramid; use --bigtiff auto, or --pyramid off");
    check_refuses_tiff((gd_writer_options){.bits = 16, .compression = GD_COMPRESSION_JPEG}, "8 bits");
    if (!TIFFIsCODECConfigured(COMPRESSION_ZSTD))
        check_refuses_tiff((gd_writer_options){.bits = 8, .compression = GD_COMPRESSION_ZSTD}, "no zstd");
}

static void names_are_those_of_the_command_line(void **state)
{
    (void)state;
    static const char *const compressions[] = {"deflate", "lzw", "zstd", "jpeg", "none"};
    static const char *const bigtiffs[] = {"auto", "always", "never"};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(gd_enum_find(gd_compression_names, compressions[i])->value, i);
        assert_string_equal(gd_enum_text(gd_compression_names, i), compressions[i]);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gd_enum_find(gd_bigtiff_names, bigtiffs[i])->value, i);
        assert_string_equal(gd_enum_text(gd_bigtiff_names, i), bigtiffs[i]);
    }
    assert_null(gd_enum_find(gd_compression_names, "LZW"));
    assert_null(gd_enum_find(gd_bigtiff_names, ""));
}

static void extensions_choose_the_kind(void **state)
{
    (void)state;
    static const struct {
        const char *name, *full; /* NULL: refused */
        gd_file_kind kind;
    } cases[] = {{"a.tif", "a.tif", GD_FILE_TIFF},
                 {"a.TIFF", "a.TIFF", GD_FILE_TIFF},
                 {"b/a.Jpg", "b/a.Jpg", GD_FILE_JPEG},
                 {"a.b.jpeg", "a.b.jpeg", GD_FILE_JPEG},
                 {"a.PNG", "a.PNG", GD_FILE_PNG},
                 {"a", "a.tif", GD_FILE_TIFF},
                 {"d.x/a", "d.x/a.tif", GD_FILE_TIFF},
                 {".a", ".a.tif", GD_FILE_TIFF},
                 {"a.gif", NULL, GD_FILE_TIFF},
                 {"a.", NULL, GD_FILE_TIFF},
                 {"", NULL, GD_FILE_TIFF},
                 {"d/", NULL, GD_FILE_TIFF},
                 {"..", NULL, GD_FILE_TIFF},
                 {"a-name-that-is-too-long", NULL, GD_FILE_TIFF}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char full[16];
        gd_file_kind kind;
        gd_status status = gd_file_kind_of(cases[i].name, &kind, full, sizeof full, &error);
        assert_int_equal(status, cases[i].full ? GD_OK : GD_USAGE);
        if (!cases[i].full)
            continue;
        assert_string_equal(full, cases[i].full);
        assert_int_equal(kind, cases[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_written_is_refused_before),
        cmocka_unit_test(tiffs_that_cannot_be_are_refused_before),
        cmocka_unit_test(names_are_those_of_the_command_line),
        cmocka_unit_test(extensions_choose_the_kind),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
