/* Conversions to sRGB: by tables against the formulas of lcms2 in floating point, and other profiles as lcms2
 * converts them. */
#include "check.h"
#include "image/metadata/icc.h"

#include <lcms2.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GREYS = 256, COUNT = 20000 };

/* All greys, then any colours. */
static void fill(uint8_t rgb[COUNT][3])
{
    uint32_t state = 1;
    for (int i = 0; i < COUNT; i++) {
        for (int c = 0; c < 3; c++) {
            state = state * 1664525 + 1013904223;
            rgb[i][c] = i < GREYS ? (uint8_t)i : (uint8_t)(state >> 24);
        }
    }
}

static double clip(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* The largest difference from lcms2's floating point, in samples. */
static double largest_error(const uint8_t *icc, size_t bytes)
{
    static uint8_t rgb[COUNT][3], done[COUNT][3];
    cmsHPROFILE from = cmsOpenProfileFromMem(icc, (cmsUInt32Number)bytes), to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM exact = cmsCreateTransform(from, TYPE_RGB_DBL, to, TYPE_RGB_DBL,
                                             INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
    gd_icc_conversion *conversion = gd_icc_conversion_create(icc, bytes);
    double largest = 0;
    assert_non_null(exact);
    assert_non_null(conversion);
    fill(rgb);
    memcpy(done, rgb, sizeof rgb);
    gd_icc_convert(conversion, done[0], COUNT);
    for (int i = 0; i < COUNT; i++) {
        double in[3], out[3];
        for (int c = 0; c < 3; c++)
            in[c] = rgb[i][c] / 255.0;
        cmsDoTransform(exact, in, out, 1);
        for (int c = 0; c < 3; c++)
            largest = fmax(largest, fabs(done[i][c] - 255 * clip(out[c])));
    }
    gd_icc_conversion_free(conversion);
    cmsDeleteTransform(exact);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
    return largest;
}

/* Half a sample is rounding; half a step of 2^-14 light is 0.1 where sRGB is steepest (12.92), and lcms2's
 * numbers of a profile have 16 bits. */
static void tables_are_right(void **state)
{
    static const double most = 0.5 + 0.15;
    static const gd_icc_xy d65 = {0.3127, 0.3290};
    static const gd_icc_recipe recipes[] = {
        {"Adobe RGB", d65, {0.64, 0.33}, {0.21, 0.71}, {0.15, 0.06}, GD_ICC_POWER, 2.19921875},
        {"P3", d65, {0.68, 0.32}, {0.265, 0.69}, {0.15, 0.06}, GD_ICC_SRGB, 0},
        {"BT.2020", d65, {0.708, 0.292}, {0.17, 0.797}, {0.131, 0.046}, GD_ICC_BT709, 0},
        {"D50", {0.3457, 0.3585}, {0.7347, 0.2653}, {0.1596, 0.8404}, {0.0366, 0.0001}, GD_ICC_POWER, 1.8},
    };
    (void)state;
    for (size_t k = 0; k < sizeof recipes / sizeof *recipes; k++) {
        uint8_t *icc = NULL;
        size_t bytes = 0;
        assert_true(gd_icc_build(&recipes[k], &icc, &bytes));
        const double error = largest_error(icc, bytes);
        if (error > most)
            fail_msg("%s: %.3f", recipes[k].name, error);
        free(icc);
    }
}

static void srgb_stays(void **state)
{
    static uint8_t rgb[COUNT][3], done[COUNT][3];
    static const gd_icc_recipe recipe = {
        "sRGB", {0.3127, 0.3290}, {0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}, GD_ICC_SRGB, 0};
    uint8_t *icc = NULL;
    size_t bytes = 0;
    (void)state;
    assert_true(gd_icc_build(&recipe, &icc, &bytes));
    gd_icc_conversion *conversion = gd_icc_conversion_create(icc, bytes);
    assert_non_null(conversion);
    fill(rgb);
    memcpy(done, rgb, sizeof rgb);
    gd_icc_convert(conversion, done[0], COUNT);
    assert_memory_equal(rgb, done, sizeof rgb);
    gd_icc_conversion_free(conversion);
    free(icc);
}

/* Lab of a colour whose channels do not add up: the lightness is their product. */
static cmsInt32Number mixed(const cmsUInt16Number in[], cmsUInt16Number out[], void *context)
{
    const double product = (in[0] / 65535.0) * (in[1] / 65535.0) * (in[2] / 65535.0);
    (void)context;
    out[0] = (cmsUInt16Number)(0xFF00 * product);
    out[1] = out[2] = 0x8000;
    return 1;
}

static size_t make_mixed(uint8_t *icc, cmsUInt32Number most)
{
    enum { GRID = 9 };
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(NULL);
    cmsPipeline *pipeline = cmsPipelineAlloc(NULL, 3, 3);
    cmsStage *stage = cmsStageAllocCLut16bit(NULL, GRID, 3, 3, NULL);
    cmsUInt32Number bytes = 0;
    assert_true(profile && pipeline && stage && cmsStageSampleCLut16bit(stage, mixed, NULL, 0));
    assert_true(cmsPipelineInsertStage(pipeline, cmsAT_END, stage));
    cmsSetProfileVersion(profile, 2.1);
    cmsSetDeviceClass(profile, cmsSigDisplayClass);
    cmsSetColorSpace(profile, cmsSigRgbData);
    cmsSetPCS(profile, cmsSigLabData);
    assert_true(cmsWriteTag(profile, cmsSigMediaWhitePointTag, cmsD50_XYZ()));
    assert_true(cmsWriteTag(profile, cmsSigAToB0Tag, pipeline));
    assert_true(cmsSaveProfileToMem(profile, NULL, &bytes) && bytes <= most);
    assert_true(cmsSaveProfileToMem(profile, icc, &bytes));
    cmsPipelineFree(pipeline);
    cmsCloseProfile(profile);
    return bytes;
}

/* The tables would be wrong, so lcms2 itself converts. */
static void others_are_converted(void **state)
{
    static uint8_t icc[1 << 16], rgb[COUNT][3], done[COUNT][3];
    (void)state;
    const size_t bytes = make_mixed(icc, sizeof icc);
    cmsHPROFILE from = cmsOpenProfileFromMem(icc, (cmsUInt32Number)bytes), to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform =
        cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE);
    gd_icc_conversion *conversion = gd_icc_conversion_create(icc, bytes);
    assert_non_null(transform);
    assert_non_null(conversion);
    fill(rgb);
    memcpy(done, rgb, sizeof rgb);
    gd_icc_convert(conversion, done[0], COUNT);
    cmsDoTransform(transform, rgb, rgb, COUNT);
    assert_memory_equal(rgb, done, sizeof rgb);
    gd_icc_conversion_free(conversion);
    cmsDeleteTransform(transform);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_right),
        cmocka_unit_test(srgb_stays),
        cmocka_unit_test(others_are_converted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
