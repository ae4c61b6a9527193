/* Reads, checks and builds ICC profiles with lcms2, where the build has it. */
#include "image/metadata/icc.h"

#include "image/metadata/icc_tables.h"

#include <stdlib.h>
#include <string.h>

#ifdef GD_HAVE_LCMS
#include <lcms2.h>
#endif

enum { HEADER = 128, TAG = 12 };

static uint32_t get32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static bool is_profile(const uint8_t *icc, size_t bytes)
{
    enum { MAGIC_AT = 36 };
    return bytes >= HEADER && memcmp(icc + MAGIC_AT, "acsp", 4) == 0 && get32(icc) >= HEADER &&
           get32(icc) <= bytes;
}

size_t gd_icc_size(const uint8_t *icc, size_t bytes)
{
    return is_profile(icc, bytes) ? get32(icc) : bytes;
}

void gd_icc_space(const uint8_t *icc, size_t bytes, char space[5])
{
    enum { SPACE_AT = 16 };
    memset(space, 0, 5);
    if (is_profile(icc, bytes))
        memcpy(space, icc + SPACE_AT, 4);
}

static bool is_one_of(const uint8_t *word, const char *words)
{
    for (; *words; words += 4)
        if (memcmp(word, words, 4) == 0)
            return true;
    return false;
}

static bool is_sound(const uint8_t *icc, size_t bytes)
{
    enum { VERSION_AT = 8, CLASS_AT = 12, CONNECTION_AT = 20, INTENT_AT = 64, INTENTS = 0xFFFF };
    if (!is_profile(icc, bytes) || get32(icc) != bytes || bytes < HEADER + 4)
        return false;
    if ((icc[VERSION_AT] > 3 && bytes % 4 != 0) || get32(icc + INTENT_AT) >= INTENTS ||
        !is_one_of(icc + CLASS_AT, "mntrscnrprtrspac") || !is_one_of(icc + CONNECTION_AT, "XYZ Lab "))
        return false;
    const uint32_t tags = get32(icc + HEADER);
    if (tags > (bytes - HEADER - 4) / TAG)
        return false;
    for (uint32_t i = 0; i < tags; i++) {
        const uint8_t *tag = icc + HEADER + 4 + (size_t)i * TAG;
        if (get32(tag + 4) > bytes || get32(tag + 8) > bytes - get32(tag + 4))
            return false;
    }
    return true;
}

#ifdef GD_HAVE_LCMS
bool gd_icc_available(void)
{
    return true;
}

/* A transform to the profile `to` (owned; NULL: none); NULL: a profile cannot be used. */
static cmsHTRANSFORM transform_between(const uint8_t *icc, size_t bytes, cmsUInt32Number samples,
                                       cmsHPROFILE to, cmsUInt32Number results, cmsUInt32Number flags)
{
    cmsHPROFILE from = cmsOpenProfileFromMem(icc, (cmsUInt32Number)bytes);
    cmsHTRANSFORM transform = NULL;
    if (from && to)
        transform = cmsCreateTransform(from, samples, to, results, INTENT_RELATIVE_COLORIMETRIC, flags);
    if (from)
        cmsCloseProfile(from);
    if (to)
        cmsCloseProfile(to);
    return transform;
}

/* One to sRGB in floating point. */
static cmsHTRANSFORM transform_of(const uint8_t *icc, size_t bytes, cmsUInt32Number samples)
{
    return transform_between(icc, bytes, samples, cmsCreate_sRGBProfile(), TYPE_RGB_DBL,
                             cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
}

bool gd_icc_usable(const uint8_t *icc, size_t bytes)
{
    if (!is_sound(icc, bytes))
        return false;
    char space[5];
    gd_icc_space(icc, bytes, space);
    const bool grey = strcmp(space, "GRAY") == 0, rgb = strcmp(space, "RGB ") == 0;
    cmsHTRANSFORM transform =
        grey || rgb ? transform_of(icc, bytes, grey ? TYPE_GRAY_DBL : TYPE_RGB_DBL) : NULL;
    if (transform)
        cmsDeleteTransform(transform);
    return transform != NULL;
}

static cmsToneCurve *curve_of(const gd_icc_recipe *recipe)
{
    enum { PARAMETRIC = 4 }; /* IEC 61966-2.1 */
    static const double srgb[5] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    static const double bt709[5] = {1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081};
    if (recipe->curve == GD_ICC_POWER)
        return cmsBuildGamma(NULL, recipe->power);
    return cmsBuildParametricToneCurve(NULL, PARAMETRIC, recipe->curve == GD_ICC_SRGB ? srgb : bt709);
}

static bool write_name(cmsHPROFILE profile, const char *name)
{
    cmsMLU *words = cmsMLUalloc(NULL, 1);
    const bool written = words && cmsMLUsetASCII(words, "en", "US", name) &&
                         cmsWriteTag(profile, cmsSigProfileDescriptionTag, words);
    if (words)
        cmsMLUfree(words);
    return written;
}

/* The profile's bytes, with a fixed creation time. */
static bool save(cmsHPROFILE profile, uint8_t **icc, size_t *bytes)
{
    enum { DATE_AT = 24, DATE = 12 };
    static const uint8_t date[DATE] = {0x07, 0xD0, 0, 1, 0, 1}; /* the first day of 2000 */
    cmsUInt32Number size = 0;
    if (!cmsSaveProfileToMem(profile, NULL, &size))
        return false;
    *icc = malloc(size);
    if (!*icc || !cmsSaveProfileToMem(profile, *icc, &size)) {
        free(*icc);
        *icc = NULL;
        return false;
    }
    memcpy(*icc + DATE_AT, date, DATE);
    *bytes = size;
    return true;
}

bool gd_icc_build(const gd_icc_recipe *r, uint8_t **icc, size_t *bytes)
{
    const cmsCIExyY white = {r->white.x, r->white.y, 1.0};
    const cmsCIExyYTRIPLE primaries = {
        {r->red.x, r->red.y, 1.0}, {r->green.x, r->green.y, 1.0}, {r->blue.x, r->blue.y, 1.0}};
    cmsToneCurve *curve = curve_of(r), *curves[3] = {curve, curve, curve};
    cmsHPROFILE profile = curve ? cmsCreateRGBProfile(&white, &primaries, curves) : NULL;
    const bool built = profile && write_name(profile, r->name) && save(profile, icc, bytes);
    if (profile)
        cmsCloseProfile(profile);
    if (curve)
        cmsFreeToneCurve(curve);
    return built;
}

float *gd_icc_grey_table(const uint8_t *icc, size_t bytes, int32_t bits)
{
    const int32_t count = 1 << bits;
    cmsHTRANSFORM transform = transform_of(icc, bytes, TYPE_GRAY_DBL);
    float *table = transform ? malloc((size_t)count * 3 * sizeof *table) : NULL;
    for (int32_t i = 0; table && i < count; i++) {
        const double grey = i / (count - 1.0);
        double rgb[3];
        cmsDoTransform(transform, &grey, rgb, 1);
        for (int c = 0; c < 3; c++) {
            const double value = 2.0 * rgb[c] - 1.0;
            table[3 * i + c] = (float)(value >= 1.0 ? 1.0 : value > -1.0 ? value : -1.0);
        }
    }
    if (transform)
        cmsDeleteTransform(transform);
    return table;
}

struct gd_icc_conversion {
    cmsHTRANSFORM transform; /* owned */
    gd_icc_tables *tables;   /* owned; the same, within 1; NULL: the profile has no sums of light */
};

/* sRGB without its curve. */
static cmsHPROFILE linear_srgb(void)
{
    static const cmsCIExyY white = {0.3127, 0.3290, 1.0};
    static const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1.0}, {0.30, 0.60, 1.0}, {0.15, 0.06, 1.0}};
    cmsToneCurve *curve = cmsBuildGamma(NULL, 1.0), *curves[3] = {curve, curve, curve};
    cmsHPROFILE profile = curve ? cmsCreateRGBProfile(&white, &primaries, curves) : NULL;
    if (curve)
        cmsFreeToneCurve(curve);
    return profile;
}

static void find_light(cmsHTRANSFORM linear, gd_icc_light *light)
{
    static const double none[3] = {0};
    double black[3];
    cmsDoTransform(linear, none, black, 1);
    for (int channel = 0; channel < 3; channel++) {
        for (int i = 0; i < GD_ICC_SAMPLES; i++) {
            double rgb[3] = {0}, *found = light->of[channel][i];
            rgb[channel] = i / (GD_ICC_SAMPLES - 1.0);
            cmsDoTransform(linear, rgb, found, 1);
            for (int c = 0; c < 3; c++)
                found[c] -= channel == 0 ? 0 : black[c]; /* is counted once */
        }
    }
}

/* Whether the tables are right within 1 for a grid of all colours. */
static bool tables_agree(const gd_icc_tables *tables, cmsHTRANSFORM transform)
{
    enum { SIDE = 17, COUNT = SIDE * SIDE * SIDE };
    uint8_t exact[COUNT][3], fast[COUNT][3];
    for (int i = 0; i < COUNT; i++) {
        const int at[3] = {i / SIDE / SIDE, i / SIDE % SIDE, i % SIDE};
        for (int c = 0; c < 3; c++)
            exact[i][c] = fast[i][c] = (uint8_t)(at[c] * 255 / (SIDE - 1));
    }
    cmsDoTransform(transform, exact, exact, COUNT);
    gd_icc_tables_convert(tables, fast[0], COUNT);
    for (int i = 0; i < 3 * COUNT; i++)
        if (abs(exact[i / 3][i % 3] - fast[i / 3][i % 3]) > 1)
            return false;
    return true;
}

static gd_icc_tables *tables_of(const uint8_t *icc, size_t bytes, cmsHTRANSFORM transform)
{
    gd_icc_light *light = malloc(sizeof *light);
    cmsHTRANSFORM linear = transform_between(icc, bytes, TYPE_RGB_DBL, linear_srgb(), TYPE_RGB_DBL,
                                             cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
    gd_icc_tables *tables = NULL;
    if (light && linear) {
        find_light(linear, light);
        tables = gd_icc_tables_create(light);
    }
    if (tables && !tables_agree(tables, transform)) {
        gd_icc_tables_free(tables);
        tables = NULL;
    }
    if (linear)
        cmsDeleteTransform(linear);
    free(light);
    return tables;
}

gd_icc_conversion *gd_icc_conversion_create(const uint8_t *icc, size_t bytes)
{
    gd_icc_conversion *conversion = calloc(1, sizeof *conversion);
    if (!conversion)
        return NULL;
    conversion->transform =
        transform_between(icc, bytes, TYPE_RGB_8, cmsCreate_sRGBProfile(), TYPE_RGB_8, cmsFLAGS_NOCACHE);
    if (conversion->transform) {
        conversion->tables = tables_of(icc, bytes, conversion->transform);
        return conversion;
    }
    free(conversion);
    return NULL;
}

void gd_icc_convert(const gd_icc_conversion *conversion, uint8_t *rgb, int64_t count)
{
    const int64_t most = 1 << 20; /* of lcms2's number of pixels, which has 32 bits */
    if (conversion->tables) {
        gd_icc_tables_convert(conversion->tables, rgb, count);
        return;
    }
    for (int64_t done = 0; done < count; done += most) {
        const int64_t now = count - done < most ? count - done : most;
        cmsDoTransform(conversion->transform, rgb + 3 * done, rgb + 3 * done, (cmsUInt32Number)now);
    }
}

void gd_icc_conversion_free(gd_icc_conversion *conversion)
{
    if (!conversion)
        return;
    cmsDeleteTransform(conversion->transform);
    gd_icc_tables_free(conversion->tables);
    free(conversion);
}
#else
bool gd_icc_available(void)
{
    return false;
}

bool gd_icc_usable(const uint8_t *icc, size_t bytes)
{
    return is_sound(icc, bytes);
}

bool gd_icc_build(const gd_icc_recipe *recipe, uint8_t **icc, size_t *bytes)
{
    (void)recipe;
    (void)icc;
    (void)bytes;
    return false;
}

float *gd_icc_grey_table(const uint8_t *icc, size_t bytes, int32_t bits)
{
    (void)icc;
    (void)bytes;
    (void)bits;
    return NULL;
}

gd_icc_conversion *gd_icc_conversion_create(const uint8_t *icc, size_t bytes)
{
    (void)icc;
    (void)bytes;
    return NULL;
}

void gd_icc_convert(const gd_icc_conversion *conversion, uint8_t *rgb, int64_t count)
{
    (void)conversion;
    (void)rgb;
    (void)count;
}

void gd_icc_conversion_free(gd_icc_conversion *conversion)
{
    (void)conversion;
}
#endif
