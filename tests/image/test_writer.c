/* What is written is what is read again: samples, profile, density and text, in every format. */
#include "image/writer.h"
#include "make.h"
#include "picture_check.h"
#include "picture_write.h"

#include <lcms2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static gd_error error;

static void round_trips_are_exact(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {255, 257}, {256, 256}, {300, 600}, {7, 1000}, {513, 3}};
    for (int k = 0; k < 6 * 4; k++) {
        gd_writer_options options = {.kind = k % 2 ? GD_FILE_TIFF : GD_FILE_PNG,
                                     .rows = sizes[k / 4][0],
                                     .cols = sizes[k / 4][1],
                                     .bits = k / 2 % 2 ? 16 : 8};
        float *rgb = levels(options.rows, options.cols, options.bits);
        check_ok(picture_write(PICTURE_NAMES[options.kind], &options, rgb, 100, &error), error);
        picture p = picture_read(PICTURE_NAMES[options.kind]);
        assert_true(p.rows == options.rows && p.cols == options.cols);
        for (int64_t i = 0; i < p.rows * p.cols * 3; i++)
            assert_true(p.rgb[i] == rgb[i]);
        picture_free(&p);
        free(rgb);
    }
}

static void jpeg_stays_near(void **state)
{
    (void)state;
    gd_writer_options options = {.kind = GD_FILE_JPEG, .rows = 60, .cols = 90, .bits = 8};
    float rgb[60 * 90 * 3];
    for (int i = 0; i < 60 * 90 * 3; i++)
        rgb[i] = (float)sin(i / 3 % 90 * 0.1 + i / 270 * 0.05 + i % 3);
    check_ok(picture_write("a.jpg", &options, rgb, 60, &error), error);
    picture p = picture_read("a.jpg");
    for (int i = 0; i < 60 * 90 * 3; i++)
        assert_true(fabsf(p.rgb[i] - rgb[i]) < 0.06f);
    picture_free(&p);
}

static void values_are_rounded_and_clipped(void **state)
{
    (void)state;
    static const struct {
        float value;
        int level;
    } cases[] = {
        {-1.0f, 0},     {1.0f, 255},     {-7.0f, 0},     {1e30f, 255},          {0.0f, 128},
        {NAN, 0},       {INFINITY, 255}, {-INFINITY, 0}, {-1.0f + 0.00390f, 0}, {-1.0f + 0.00395f, 1},
        {0.9960f, 254}, {0.9962f, 255}};
    enum { COUNT = sizeof cases / sizeof *cases };
    float rgb[COUNT * 3];
    for (int i = 0; i < COUNT * 3; i++)
        rgb[i] = cases[i / 3].value;
    gd_writer_options options = {.kind = GD_FILE_PNG, .rows = 1, .cols = COUNT, .bits = 8};
    check_ok(picture_write("a.png", &options, rgb, 1, &error), error);
    picture p = picture_read("a.png");
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(lrintf((p.rgb[3 * i] + 1.0f) * 127.5f), cases[i].level);
    picture_free(&p);
}

static void profile_and_density_are_carried(void **state)
{
    (void)state;
    uint8_t icc[8192];
    cmsUInt32Number bytes;
    cmsHPROFILE srgb = cmsCreate_sRGBProfile();
    assert_true(cmsSaveProfileToMem(srgb, NULL, &bytes) && bytes <= sizeof icc);
    assert_true(cmsSaveProfileToMem(srgb, icc, &bytes));
    cmsCloseProfile(srgb);
    gd_profile profile = {.icc = icc, .icc_bytes = bytes, .dpi_x = 300.0, .dpi_y = 150.0};
    float rgb[3 * 3 * 3] = {0};
    for (int kind = 0; kind < 3; kind++) {
        gd_writer_options options = {.kind = (gd_file_kind)kind,
                                     .rows = 3,
                                     .cols = 3,
                                     .bits = 8,
                                     .profile = &profile,
                                     .text = "seed 1"};
        check_ok(picture_write(PICTURE_NAMES[kind], &options, rgb, 3, &error), error);
        picture p = picture_read(PICTURE_NAMES[kind]);
        assert_int_equal(p.icc_bytes, bytes);
        assert_true(fabs(p.dpi_x - 300.0) < 0.02 && fabs(p.dpi_y - 150.0) < 0.02);
        picture_free(&p);
        size_t size;
        uint8_t *data = load(PICTURE_NAMES[kind], &size);
        assert_non_null(memmem(data, size, "seed 1", 6));
        free(data);
    }
}

static void bytes_do_not_depend_on_the_bands(void **state)
{
    (void)state;
    float *rgb = levels(300, 300, 16);
    for (int k = 0; k < WRITER_KIND_COUNT; k++) {
        uint8_t *data[2];
        size_t bytes[2];
        for (int run = 0; run < 2; run++) {
            gd_writer_options options = WRITER_KINDS[k];
            options.rows = options.cols = 300;
            options.text = "the same";
            check_ok(picture_write(PICTURE_NAMES[options.kind], &options, rgb, run ? 7 : 300, &error), error);
            data[run] = load(PICTURE_NAMES[options.kind], &bytes[run]);
        }
        assert_int_equal(bytes[0], bytes[1]);
        assert_memory_equal(data[0], data[1], bytes[0]);
        free(data[0]);
        free(data[1]);
    }
    free(rgb);
}

/* The bytes of a file that is written from floats, or from the same values as samples. */
static uint8_t *written(const gd_writer_options *options, const float *rgb, const void *samples,
                        size_t *bytes)
{
    gd_writer *writer;
    check_ok(gd_writer_open(PICTURE_NAMES[options->kind], options, &writer, &error), error);
    if (samples)
        check_ok(gd_writer_samples(writer, options->rows, samples, &error), error);
    else
        check_ok(gd_writer_rows(writer, options->rows, rgb, &error), error);
    check_ok(gd_writer_finish(writer, &error), error);
    return load(PICTURE_NAMES[options->kind], bytes);
}

static void samples_give_the_file_of_their_floats(void **state)
{
    (void)state;
    for (int k = 0; k < 5; k++) {
        gd_writer_options options = {
            .kind = (gd_file_kind)(k % 3), .rows = 37, .cols = 53, .bits = k < 3 ? 8 : 16};
        if (options.bits == 16)
            options.kind = k == 3 ? GD_FILE_TIFF : GD_FILE_PNG;
        float *rgb = levels(options.rows, options.cols, options.bits);
        uint16_t words[37 * 53 * 3];
        uint8_t *octets = (uint8_t *)words;
        for (int64_t i = 0; i < options.rows * options.cols * 3; i++) {
            if (options.bits == 16)
                words[i] = (uint16_t)lround(((double)rgb[i] + 1) * 32767.5);
            else
                octets[i] = (uint8_t)lround(((double)rgb[i] + 1) * 127.5);
        }
        size_t a_bytes, b_bytes;
        uint8_t *a = written(&options, rgb, NULL, &a_bytes), *b = written(&options, NULL, words, &b_bytes);
        assert_int_equal(a_bytes, b_bytes);
        assert_memory_equal(a, b, a_bytes);
        free(a);
        free(b);
        free(rgb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips_are_exact),
        cmocka_unit_test(jpeg_stays_near),
        cmocka_unit_test(values_are_rounded_and_clipped),
        cmocka_unit_test(profile_and_density_are_carried),
        cmocka_unit_test(bytes_do_not_depend_on_the_bands),
        cmocka_unit_test(samples_give_the_file_of_their_floats),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
