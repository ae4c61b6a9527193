/* Tests reading of all kinds of PNG, TIFF and JPEG, pixel by pixel. */
#include "make.h"
#include "picture_check.h"
#include "turned.h"

#include <lcms2.h>
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

static gd_error error;

static float unit(unsigned value, unsigned top)
{
    return (float)value / (0.5f * (float)top) - 1.0f;
}

/* What a made picture has at (y, x), channel c of RGB: its stored sample of 1, 2, 4, 8 or 16 bits. */
static float expected(int y, int x, int c, int bits, bool grey, bool inverted, bool palette)
{
    unsigned top = (1u << bits) - 1u;
    unsigned value = stored(y, x, grey || palette ? 0 : c, bits);
    if (palette)
        return unit(stored((int)value, 0, c, 8), 255);
    return unit(inverted ? top - value : value, top);
}

static void check_pixels(const picture *p, int bits, bool grey, bool inverted, bool palette)
{
    for (int y = 0; y < p->rows; y++) {
        for (int x = 0; x < p->cols; x++) {
            for (int c = 0; c < 3; c++) {
                float seen = p->rgb[((int64_t)y * p->cols + x) * 3 + c];
                float wanted = expected(y, x, c, bits, grey, inverted, palette);
                if (fabsf(seen - wanted) > 1e-6f)
                    fail_msg("(%d, %d, %d) of %d bits: %g, not %g", y, x, c, bits, seen, wanted);
            }
        }
    }
}

static void png_kinds_read(void **state)
{
    (void)state;
    static const int colours[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_PALETTE,
                                  PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB_ALPHA};
    for (int k = 0; k < 5 * 5 * 2; k++) {
        png_kind kind = {13, 21, 1 << (k % 5), colours[k / 5 % 5], k >= 25, 0};
        bool palette = kind.colours == PNG_COLOR_TYPE_PALETTE, grey = !(kind.colours & PNG_COLOR_MASK_COLOR);
        bool alpha = kind.colours & PNG_COLOR_MASK_ALPHA;
        if ((palette && kind.bits == 16) ||
            (kind.bits < 8 && kind.colours != PNG_COLOR_TYPE_GRAY && !palette))
            continue; /* no such PNG */
        make_png("a.png", &kind);
        picture p = picture_read("a.png");
        assert_true(p.rows == 13 && p.cols == 21);
        check_pixels(&p, kind.bits, grey, false, palette);
        assert_true(alpha == (strstr(p.warning, "transparency") != NULL));
        picture_free(&p);
    }
}

static void tiff_layouts_read(void **state)
{
    (void)state;
    static const tiff_kind kinds[] = {
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .rows_per_strip = 1},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .rows_per_strip = 7, .compression = COMPRESSION_LZW},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .compression = COMPRESSION_ADOBE_DEFLATE},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .rows_per_strip = 7, .separate = true},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .separate = true, .compression = COMPRESSION_LZW},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .tile = 16},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .tile = 16, .compression = COMPRESSION_PACKBITS},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .tile = 16, .separate = true},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .tile = 64},
        {.samples = 4, .photometric = PHOTOMETRIC_RGB, .rows_per_strip = 7},
        {.samples = 4, .photometric = PHOTOMETRIC_RGB, .tile = 16, .separate = true},
        {.samples = 5, .photometric = PHOTOMETRIC_RGB, .rows_per_strip = 5, .big = true},
        {.samples = 1, .photometric = PHOTOMETRIC_MINISBLACK, .rows_per_strip = 7},
        {.samples = 1, .photometric = PHOTOMETRIC_MINISWHITE, .tile = 32},
        {.samples = 2, .photometric = PHOTOMETRIC_MINISBLACK, .separate = true},
    };
    for (size_t k = 0; k < 4 * sizeof kinds / sizeof *kinds; k++) {
        tiff_kind kind = kinds[k / 4];
        kind.rows = 37;
        kind.cols = 45;
        kind.bits = k % 2 ? 16 : 8;
        kind.big_endian = k / 2 % 2;
        make_tiff("a.tif", &kind);
        picture p = picture_read("a.tif");
        assert_true(p.rows == 37 && p.cols == 45);
        check_pixels(&p, kind.bits, kind.samples < 3, kind.photometric == PHOTOMETRIC_MINISWHITE, false);
        /* They do not say what the channels beside the colours are. */
        assert_true((kind.samples != 1 && kind.samples != 3) ==
                    (strstr(p.warning, "channels, of which") != NULL));
        assert_null(strstr(p.warning, "transparency"));
        assert_true(fabs(p.dpi_x - 254.0) < 1e-3 && fabs(p.dpi_y - 127.0) < 1e-3);
        picture_free(&p);
    }
}

static void tiff_depths_read(void **state)
{
    (void)state;
    static const int photometrics[] = {PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_PALETTE};
    for (int k = 0; k < 3 * 4 * 2; k++) {
        tiff_kind kind = {.rows = 19,
                          .cols = 37,
                          .bits = 1 << (k % 4),
                          .samples = 1,
                          .photometric = photometrics[k / 4 % 3],
                          .tile = k >= 12 ? 16 : 0};
        make_tiff("a.tif", &kind);
        picture p = picture_read("a.tif");
        check_pixels(&p, kind.bits, true, kind.photometric == PHOTOMETRIC_MINISWHITE,
                     kind.photometric == PHOTOMETRIC_PALETTE);
        picture_free(&p);
    }
}

static void tiff_with_jpeg_inside_reads(void **state)
{
    (void)state;
    for (int tile = 0; tile <= 16; tile += 16) {
        tiff_kind kind = {.rows = 33,
                          .cols = 32,
                          .bits = 8,
                          .samples = 3,
                          .photometric = PHOTOMETRIC_YCBCR,
                          .rows_per_strip = 16,
                          .tile = tile,
                          .compression = COMPRESSION_JPEG};
        make_tiff("a.tif", &kind);
        picture p = picture_read("a.tif");
        double mean = 0.0, wanted = 0.0; /* of noise JPEG keeps little but the mean */
        for (int i = 0; i < 33 * 32; i++) {
            mean += p.rgb[3 * i + 1];
            wanted += unit(stored(i / 32, i % 32, 1, 8), 255);
        }
        assert_true(fabs(mean - wanted) / (33 * 32) < 0.02);
        picture_free(&p);
    }
}

static void tiff_pages_are_told_from_pyramids(void **state)
{
    (void)state;
    tiff_kind kind = {
        .rows = 8, .cols = 8, .bits = 8, .samples = 3, .photometric = PHOTOMETRIC_RGB, .pages = 3};
    make_tiff("a.tif", &kind);
    picture p = picture_read("a.tif");
    assert_non_null(strstr(p.warning, "3 pages, of which page 1, 8 x 8, was read"));
    check_pixels(&p, 8, false, false, false);
    picture_free(&p);
    kind.reduced = true;
    make_tiff("a.tif", &kind);
    p = picture_read("a.tif");
    assert_string_equal(p.warning, "");
    picture_free(&p);
}

static void refused(const char *path, const char *word)
{
    picture p;
    error.message[0] = '\0';
    assert_int_equal(picture_try(path, &p, &error), GD_USAGE);
    if (!strstr(error.message, path) || !strstr(error.message, word))
        fail_msg("\"%s\" does not name %s and %s", error.message, path, word);
}

static void tiffs_that_cannot_be_read_are_refused(void **state)
{
    (void)state;
    tiff_kind kind = {.rows = 8,
                      .cols = 8,
                      .bits = 32,
                      .samples = 1,
                      .photometric = PHOTOMETRIC_MINISBLACK,
                      .format = SAMPLEFORMAT_IEEEFP};
    make_tiff("a.tif", &kind);
    refused("a.tif", "format 3");
    kind.format = SAMPLEFORMAT_UINT;
    make_tiff("a.tif", &kind);
    refused("a.tif", "32 bits");
    kind = (tiff_kind){.rows = 8, .cols = 8, .bits = 8, .samples = 3, .photometric = PHOTOMETRIC_CIELAB};
    make_tiff("a.tif", &kind);
    refused("a.tif", "convert it to RGB");
    kind = (tiff_kind){.rows = 8, .cols = 8, .bits = 8, .samples = 4, .photometric = PHOTOMETRIC_SEPARATED};
    make_tiff("a.tif", &kind);
    refused("a.tif", "profile");
}

/* The value that the generator gives before JPEG, at (y, x, c). */
static double smooth(int y, int x, int c)
{
    return (8 * y + 4 * x + 20 * c) / 127.5 - 1.0;
}

static void jpeg_kinds_read(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        jpeg_kind kind = {
            .rows = 16, .cols = 16, .channels = k % 2 ? 3 : 1, .progressive = k / 2, .flat = -1};
        make_jpeg("a.jpg", &kind);
        picture p = picture_read("a.jpg");
        assert_true(p.rows == 16 && p.cols == 16);
        for (int i = 0; i < 16 * 16 * 3; i++) {
            double wanted = smooth(i / 48, i / 3 % 16, k % 2 ? i % 3 : 0);
            assert_true(fabs(p.rgb[i] - wanted) < 0.035);
        }
        picture_free(&p);
    }
}

static void check_upright(const char *path, int orientation, bool smooth_picture)
{
    enum { ROWS = 10, COLS = 14 };
    picture p = picture_read(path);
    assert_true(p.rows == (orientation > 4 ? COLS : ROWS) && p.cols == (orientation > 4 ? ROWS : COLS));
    for (int i = 0; i < ROWS * COLS * 3; i++) {
        int r, c;
        stored_at(orientation, ROWS, COLS, i / 3 / (int)p.cols, i / 3 % (int)p.cols, &r, &c);
        double wanted = smooth_picture ? smooth(r, c, i % 3) : unit(stored(r, c, i % 3, 8), 255);
        if (fabs(p.rgb[i] - wanted) > (smooth_picture ? 0.035 : 1e-6))
            fail_msg("%s, orientation %d, %d: %g, not %g", path, orientation, i, p.rgb[i], wanted);
    }
    if (!smooth_picture && strstr(path, "tif"))
        assert_true(fabs(p.dpi_x - (orientation > 4 ? 127.0 : 254.0)) < 1e-3);
    picture_free(&p);
}

static void orientations_are_honoured(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        jpeg_kind jpeg = {.rows = 10, .cols = 14, .channels = 3, .exif_orientation = orientation, .flat = -1};
        make_jpeg("a.jpg", &jpeg);
        check_upright("a.jpg", orientation, true);
        png_kind png = {10, 14, 8, PNG_COLOR_TYPE_RGB, false, orientation};
        make_png("a.png", &png);
        check_upright("a.png", orientation, false);
        tiff_kind tiff = {.rows = 10,
                          .cols = 14,
                          .bits = 8,
                          .samples = 3,
                          .photometric = PHOTOMETRIC_RGB,
                          .orientation = orientation};
        make_tiff("a.tif", &tiff);
        check_upright("a.tif", orientation, false);
    }
}

/* A profile of ideal inks: each takes its part of the light. */
static cmsInt32Number ideal_inks(const cmsUInt16Number in[], cmsUInt16Number out[], void *data)
{
    cmsHTRANSFORM to_lab = data;
    double rgb[3];
    for (int c = 0; c < 3; c++)
        rgb[c] = (1.0 - in[c] / 65535.0) * (1.0 - in[3] / 65535.0);
    cmsDoTransform(to_lab, rgb, out, 1);
    return TRUE;
}

static void *cmyk_profile(cmsUInt32Number *bytes)
{
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(NULL), rgb = cmsCreate_sRGBProfile();
    cmsHPROFILE lab = cmsCreateLab4Profile(NULL);
    cmsHTRANSFORM to_lab = cmsCreateTransform(rgb, TYPE_RGB_DBL, lab, TYPE_Lab_16,
                                              INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
    cmsSetProfileVersion(profile, 4.3);
    cmsSetDeviceClass(profile, cmsSigOutputClass);
    cmsSetColorSpace(profile, cmsSigCmykData);
    cmsSetPCS(profile, cmsSigLabData);
    cmsPipeline *pipeline = cmsPipelineAlloc(NULL, 4, 3);
    cmsStage *table = cmsStageAllocCLut16bit(NULL, 9, 4, 3, NULL);
    assert_true(cmsStageSampleCLut16bit(table, ideal_inks, to_lab, 0));
    assert_true(cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(NULL, 4, NULL)));
    assert_true(cmsPipelineInsertStage(pipeline, cmsAT_END, table));
    assert_true(cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(NULL, 3, NULL)));
    assert_true(cmsWriteTag(profile, cmsSigAToB0Tag, pipeline));
    assert_true(cmsSaveProfileToMem(profile, NULL, bytes));
    void *data = malloc(*bytes);
    assert_non_null(data);
    assert_true(cmsSaveProfileToMem(profile, data, bytes));
    cmsPipelineFree(pipeline);
    cmsDeleteTransform(to_lab);
    cmsCloseProfile(profile);
    cmsCloseProfile(rgb);
    cmsCloseProfile(lab);
    return data;
}

static void cmyk_is_converted_by_its_profile(void **state)
{
    (void)state;
    cmsUInt32Number bytes;
    void *icc = cmyk_profile(&bytes);
    /* libjpeg writes CMYK as Adobe does: 255 is no ink. 204 of all: (1 - 0.2) * (1 - 0.2) of the light. */
    static const struct {
        int flat;
        double rgb;
    } cases[] = {{255, 255.0}, {204, 0.64 * 255.0}, {0, 0.0}};
    for (int k = 0; k < 3; k++) {
        jpeg_kind kind = {
            .rows = 9, .cols = 9, .channels = 4, .icc = icc, .icc_bytes = (int)bytes, .flat = cases[k].flat};
        make_jpeg("a.jpg", &kind);
        picture p = picture_read("a.jpg");
        assert_int_equal(p.icc_bytes, 0); /* sRGB is meant */
        for (int i = 0; i < 9 * 9 * 3; i++)
            assert_true(fabs((p.rgb[i] + 1.0) * 127.5 - cases[k].rgb) < 6.0);
        picture_free(&p);
    }
    jpeg_kind without = {.rows = 9, .cols = 9, .channels = 4, .flat = 0};
    make_jpeg("a.jpg", &without);
    refused("a.jpg", "CMYK");
    tiff_kind tiff = {.rows = 9,
                      .cols = 9,
                      .bits = 8,
                      .samples = 4,
                      .photometric = PHOTOMETRIC_SEPARATED,
                      .icc = icc,
                      .icc_bytes = (int)bytes};
    make_tiff("a.tif", &tiff);
    picture p = picture_read("a.tif");
    for (int i = 0; i < 9 * 9 * 3; i++) {
        int y = i / 27, x = i / 3 % 9;
        double light = (255 - stored(y, x, i % 3, 8)) / 255.0 * ((255 - stored(y, x, 3, 8)) / 255.0);
        assert_true(fabs((p.rgb[i] + 1.0) / 2.0 - light) < 0.05);
    }
    picture_free(&p);
    free(icc);
}

static void profiles_are_carried_or_dropped(void **state)
{
    (void)state;
    cmsHPROFILE rgb = cmsCreate_sRGBProfile();
    cmsToneCurve *curve = cmsBuildGamma(NULL, 2.2);
    cmsHPROFILE grey = cmsCreateGrayProfile(cmsD50_xyY(), curve);
    cmsHPROFILE profiles[] = {rgb, grey};
    for (int k = 0; k < 2; k++) {
        cmsUInt32Number bytes;
        uint8_t icc[8192];
        assert_true(cmsSaveProfileToMem(profiles[k], NULL, &bytes) && bytes <= sizeof icc);
        assert_true(cmsSaveProfileToMem(profiles[k], icc, &bytes));
        jpeg_kind jpeg = {.rows = 9, .cols = 9, .channels = k ? 1 : 3, .icc = icc, .icc_bytes = (int)bytes};
        make_jpeg("a.jpg", &jpeg);
        tiff_kind tiff = {.rows = 9,
                          .cols = 9,
                          .bits = 8,
                          .samples = k ? 1 : 3,
                          .photometric = k ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB,
                          .icc = icc,
                          .icc_bytes = (int)bytes};
        make_tiff("a.tif", &tiff);
        for (int f = 0; f < 2; f++) {
            picture p = picture_read(f ? "a.tif" : "a.jpg");
            assert_int_equal(p.icc_bytes, k ? 0 : bytes);
            assert_string_equal(p.warning, ""); /* grey is converted */
            picture_free(&p);
        }
        cmsCloseProfile(profiles[k]);
    }
    cmsFreeToneCurve(curve);
    tiff_kind broken = {.rows = 9, .cols = 9, .bits = 8, .samples = 1, .icc = "no profile", .icc_bytes = 10};
    broken.photometric = PHOTOMETRIC_MINISBLACK;
    make_tiff("a.tif", &broken);
    picture p = picture_read("a.tif");
    assert_true(p.icc_bytes == 0 && strstr(p.warning, "damaged colour profile"));
    picture_free(&p);
}

static void sample_files_read_or_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int cols, rows; /* 0: refused */
        const char *word;
        bool icc;
    } files[] = {{"coffee.png", 600, 400, "", false},
                 {"chelsea.png", 451, 300, "", true},
                 {"rocket.jpg", 640, 427, "", true},
                 {"hubble_deep_field.jpg", 1000, 872, "", true},
                 {"chessboard_GRAY_U16.tif", 200, 200, "", false},
                 {"palette_color.png", 10, 10, "", false},
                 {"palette_gray.png", 10, 10, "", false},
                 {"multipage_rgb.tif", 0, 0, "floating point", false},
                 {"truncated.jpg", 0, 0, "damaged", false},
                 {"NOTICE.md", 0, 0, "is not a JPEG, PNG, TIFF", false}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/tests/images/%s", GD_SOURCE_DIR, files[i].name);
        if (!files[i].cols) {
            refused(path, files[i].word);
            continue;
        }
        picture p = picture_read(path);
        assert_true(p.cols == files[i].cols && p.rows == files[i].rows);
        assert_int_equal(files[i].icc, p.icc_bytes > 0);
        picture_free(&p);
    }
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    refused("nothing.png", "No such file");
    refused(".", "not a file");
    save("empty.jpg", "", 0);
    refused("empty.jpg", "is empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_kinds_read),
        cmocka_unit_test(tiff_layouts_read),
        cmocka_unit_test(tiff_depths_read),
        cmocka_unit_test(tiff_with_jpeg_inside_reads),
        cmocka_unit_test(tiff_pages_are_told_from_pyramids),
        cmocka_unit_test(tiffs_that_cannot_be_read_are_refused),
        cmocka_unit_test(jpeg_kinds_read),
        cmocka_unit_test(orientations_are_honoured),
        cmocka_unit_test(cmyk_is_converted_by_its_profile),
        cmocka_unit_test(profiles_are_carried_or_dropped),
        cmocka_unit_test(sample_files_read_or_are_refused),
        cmocka_unit_test(what_is_no_file_is_refused),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
