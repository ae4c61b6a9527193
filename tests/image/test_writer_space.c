/* Space on the disk: no picture takes more than is reserved for it, and large TIFFs are BigTIFFs. */
#include "image/writer.h"
#include "make.h"
#include "picture_check.h"
#include "picture_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static gd_error error;

/* What the picture takes, and its next smaller page, which is there twice for a while. */
static double taken(const gd_writer_options *options, const float *rgb)
{
    size_t bytes, half_bytes = 0;
    check_ok(picture_write(PICTURE_NAMES[options->kind], options, rgb, options->rows, &error), error);
    free(load(PICTURE_NAMES[options->kind], &bytes));
    if (options->pyramid && (options->rows > 256 || options->cols > 256)) {
        gd_writer_options half = *options;
        half.rows = (options->rows + 1) / 2;
        half.cols = (options->cols + 1) / 2;
        half.pyramid = false;
        check_ok(picture_write("half.tif", &half, rgb, half.rows, &error), error);
        free(load("half.tif", &half_bytes));
    }
    return (double)(bytes + half_bytes);
}

/* Each page of a pyramid has the profile, and each is reserved for. */
static void profiles_are_reserved_for(void **state)
{
    (void)state;
    enum { SIDE = 520, BYTES = 300000 };
    uint8_t *icc = calloc(BYTES, 1);
    const gd_profile profile = {.icc = icc, .icc_bytes = BYTES};
    float *rgb = noise(SIDE, SIDE);
    gd_writer_options options = {
        .kind = GD_FILE_TIFF, .rows = SIDE, .cols = SIDE, .bits = 8, .pyramid = true};
    const double reserved = gd_writer_disk_bytes(&options);
    size_t bytes;
    options.profile = &profile;
    check_ok(picture_write(PICTURE_NAMES[GD_FILE_TIFF], &options, rgb, SIDE, &error), error);
    free(load(PICTURE_NAMES[GD_FILE_TIFF], &bytes));
    assert_true((double)bytes > 3.0 * BYTES && gd_writer_disk_bytes(&options) == reserved + 3.0 * BYTES);
    assert_true((double)bytes <= gd_writer_disk_bytes(&options));
    free(icc);
    free(rgb);
}

/* Noise never takes more than is reserved for it, and not much less where tiles are full, but as a JPEG. */
static void what_noise_takes_is_reserved(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {3, 700}, {200, 150}, {257, 300}, {500, 300}, {768, 1024}};
    for (int k = 0; k < 6 * 2 * 2 * 7; k++) {
        const int kind = k / 24;
        const gd_writer_options options = {.kind = kind < 5    ? GD_FILE_TIFF
                                                   : kind == 5 ? GD_FILE_PNG
                                                               : GD_FILE_JPEG,
                                           .rows = sizes[k % 6][0],
                                           .cols = sizes[k % 6][1],
                                           .bits = k / 6 % 2 ? 16 : 8,
                                           .compression = (gd_compression)(kind < 5 ? kind : 0),
                                           .pyramid = kind < 5 && k / 12 % 2};
        const bool jpeg = kind == (int)GD_COMPRESSION_JPEG || options.kind == GD_FILE_JPEG;
        if (gd_writer_check(PICTURE_NAMES[options.kind], &options, &error) != GD_OK)
            continue; /* 16 bits in a JPEG, or no zstd here */
        float *rgb = noise(options.rows, options.cols);
        const double bytes = taken(&options, rgb), most = gd_writer_disk_bytes(&options);
        if (bytes > most || (options.rows > 500 && most > (jpeg ? 3.0 : 1.6) * bytes))
            fail_msg("%lld x %lld of %d bits, kind %d%s: %.0f bytes, and %.0f reserved",
                     (long long)options.cols, (long long)options.rows, options.bits, kind,
                     options.pyramid ? " with a pyramid" : "", bytes, most);
        free(rgb);
    }
}

/* Of all pictures a JPEG comes nearest to its samples where black and white ones have most energy. */
static void the_liveliest_jpeg_fits(void **state)
{
    (void)state;
    enum { ROWS = 256, COLS = 512 };
    float *rgb = noise(ROWS, COLS);
    for (int i = 0; i < ROWS * COLS * 3; i++)
        rgb[i] = rgb[i] < 0 ? -1.0f : 1.0f;
    for (int tiff = 0; tiff < 2; tiff++) {
        const gd_writer_options options = {.kind = tiff ? GD_FILE_TIFF : GD_FILE_JPEG,
                                           .rows = ROWS,
                                           .cols = COLS,
                                           .bits = 8,
                                           .compression = GD_COMPRESSION_JPEG};
        assert_true(taken(&options, rgb) < gd_writer_disk_bytes(&options));
    }
    free(rgb);
}

/* The first descriptor of a file without a name in this folder: the picture's, as those of levels come later.
 */
static int first_nameless(void)
{
    struct stat here, file;
    assert_int_equal(stat(".", &here), 0);
    for (int fd = 3; fd < 1024; fd++)
        if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_nlink == 0 &&
            file.st_dev == here.st_dev)
            return fd;
    fail_msg("no file is open that has no name");
    return -1;
}

static void large_tiffs_are_big(void **state)
{
    (void)state;
    static const struct {
        int64_t side;
        char version;
        gd_writer_options options;
    } cases[] = {{1000, 42, {.bits = 8}},
                 {36000, 42, {.bits = 8}},
                 {38000, 43, {.bits = 8}},
                 {36000, 43, {.bits = 8, .pyramid = true}},
                 {32000, 42, {.bits = 8, .pyramid = true}},
                 {27000, 43, {.bits = 16}},
                 {36000, 43, {.bits = 8, .compression = GD_COMPRESSION_LZW}},
                 {30000, 42, {.bits = 8, .compression = GD_COMPRESSION_LZW}},
                 {1000, 43, {.bits = 8, .bigtiff = GD_BIGTIFF_ALWAYS}},
                 {36000, 42, {.bits = 8, .bigtiff = GD_BIGTIFF_NEVER, .compression = GD_COMPRESSION_LZW}}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        gd_writer_options options = cases[k].options;
        options.kind = GD_FILE_TIFF;
        options.rows = options.cols = cases[k].side;
        gd_writer *writer;
        char part[64];
        check_ok(gd_writer_open("big.tif", &options, &writer, &error), error);
        snprintf(part, sizeof part, "/proc/self/fd/%d", first_nameless());
        size_t bytes;
        uint8_t *data = load(part, &bytes);
        assert_true(bytes >= 4 && data[0] == 'I');
        if (data[2] != cases[k].version)
            fail_msg("case %zu has version %d", k, data[2]);
        free(data);
        gd_writer_abandon(writer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_noise_takes_is_reserved),
        cmocka_unit_test(profiles_are_reserved_for),
        cmocka_unit_test(the_liveliest_jpeg_fits),
        cmocka_unit_test(large_tiffs_are_big),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
