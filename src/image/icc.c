#include "image/icc.h"

#include <stdlib.h>
#include <string.h>

#ifdef GD_HAVE_LCMS
#include <lcms2.h>
#endif

void gd_icc_space(const uint8_t *icc, size_t bytes, char space[5])
{
    enum { HEADER = 128, SPACE_AT = 16, MAGIC_AT = 36 };
    memset(space, 0, 5);
    if (bytes < HEADER || memcmp(icc + MAGIC_AT, "acsp", 4) != 0)
        return;
    size_t size = (size_t)icc[0] << 24 | (size_t)icc[1] << 16 | (size_t)icc[2] << 8 | icc[3];
    if (size >= HEADER && size <= bytes)
        memcpy(space, icc + SPACE_AT, 4);
}

#ifdef GD_HAVE_LCMS
bool gd_icc_here(void)
{
    return true;
}

/* To sRGB, in floating point. NULL: it cannot be used. */
static cmsHTRANSFORM transform_of(const uint8_t *icc, size_t bytes, cmsUInt32Number samples)
{
    cmsHPROFILE from = cmsOpenProfileFromMem(icc, (cmsUInt32Number)bytes), to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = NULL;
    if (from && to)
        transform = cmsCreateTransform(from, samples, to, TYPE_RGB_DBL, INTENT_RELATIVE_COLORIMETRIC,
                                       cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
    if (from)
        cmsCloseProfile(from);
    if (to)
        cmsCloseProfile(to);
    return transform;
}

bool gd_icc_usable(const uint8_t *icc, size_t bytes)
{
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

/* The profile's bytes without the time at which they were made. */
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
#else
bool gd_icc_here(void)
{
    return false;
}

bool gd_icc_usable(const uint8_t *icc, size_t bytes)
{
    (void)icc;
    (void)bytes;
    return true;
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
#endif
