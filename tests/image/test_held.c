/* What a reader says it holds in memory is what reading takes. */
#include "drain.h"
#include "image/reader.h"
#include "make.h"
#include "picture_check.h"

#include <fcntl.h>
#include <malloc.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <tiffio.h>
#include <unistd.h>

enum { SIDE = 2000 }; /* of the pictures: of 12 MB */

/* A line of /proc/self/status, in bytes. */
static int64_t memory_of(const char *name)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    int64_t bytes = 0;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            bytes = 1024 * atoll(line + strlen(name));
    if (file)
        fclose(file);
    return bytes;
}

/* Forgets the most memory that was used (proc(5)). */
static void forget_peak(void)
{
    const int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "5", 1) != 1)
        abort();
    close(fd);
}

/* Bytes that reading takes, in a process of its own. */
static int64_t taken(const char *path)
{
    int ends[2];
    int64_t bytes = 0;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        gd_error error;
        malloc_trim(0); /* what was freed would be taken again */
        forget_peak();
        const int64_t before = memory_of("VmRSS:");
        if (drain(path, &error) != GD_OK)
            _exit(1);
        bytes = memory_of("VmHWM:") - before;
        _exit(write(ends[1], &bytes, sizeof bytes) != sizeof bytes);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &bytes, sizeof bytes), sizeof bytes);
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return bytes;
}

/* Within a tenth, and what code and libraries take that are used for the first time. */
static void check_held(const char *what, const char *path, bool whole)
{
    const int64_t all = (int64_t)SIDE * SIDE * 3, first_use = 2 << 20;
    gd_reader *reader = NULL;
    gd_error error;
    check_ok(gd_reader_open(path, NULL, NULL, &reader, &error), error);
    const int64_t held = (int64_t)gd_reader_info(reader)->held_bytes;
    gd_reader_close(reader);
    const int64_t seen = taken(path);
    printf("%s: %lld bytes said, %lld taken\n", what, (long long)held, (long long)seen);
    assert_true(whole == (held > all / 2)); /* some are stored compressed */
    assert_true(seen <= held + first_use);
    assert_true(10 * seen >= 9 * held - first_use);
}

static void jpegs(void **state)
{
    (void)state;
    jpeg_kind kind = {.rows = SIDE, .cols = SIDE, .channels = 3, .flat = -1};
    make_jpeg("a.jpg", &kind);
    check_held("JPEG", "a.jpg", false);
    kind.exif_orientation = 6;
    make_jpeg("a.jpg", &kind);
    check_held("JPEG, turned", "a.jpg", true);
    kind.progressive = true;
    make_jpeg("a.jpg", &kind);
    check_held("JPEG, turned, progressive", "a.jpg", true);
    kind.exif_orientation = 2;
    make_jpeg("a.jpg", &kind);
    check_held("JPEG, mirrored, progressive", "a.jpg", true);
}

static void pngs(void **state)
{
    (void)state;
    png_kind kind = {SIDE, SIDE, 8, PNG_COLOR_TYPE_RGB, false, 0};
    make_png("a.png", &kind);
    check_held("PNG", "a.png", false);
    kind.interlaced = true;
    make_png("a.png", &kind);
    check_held("PNG, interlaced", "a.png", true);
}

static void tiffs(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        tiff_kind kind;
        bool whole;
    } cases[] = {
        {"TIFF, strips", {.rows_per_strip = 16}, false},
        {"TIFF, one strip", {.rows_per_strip = SIDE}, false}, /* libtiff cuts it */
        {"TIFF, strips of LZW", {.rows_per_strip = 16, .compression = COMPRESSION_LZW}, false},
        {"TIFF, one strip of LZW", {.rows_per_strip = SIDE, .compression = COMPRESSION_LZW}, true},
        {"TIFF, planes of one strip", {.rows_per_strip = SIDE, .separate = true}, true},
        {"TIFF, tiles", {.tile = 256}, false},
        {"TIFF, turned", {.rows_per_strip = 16, .orientation = 8}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tiff_kind kind = cases[i].kind;
        kind.rows = kind.cols = SIDE;
        kind.bits = 8;
        kind.samples = 3;
        kind.photometric = PHOTOMETRIC_RGB;
        make_tiff("a.tif", &kind);
        check_held(cases[i].what, "a.tif", cases[i].whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpegs),
        cmocka_unit_test(pngs),
        cmocka_unit_test(tiffs),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
