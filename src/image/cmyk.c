/* Converts CMYK samples to sRGB with lcms2, where the build has it. */
#include "image/cmyk.h"

#include <stdlib.h>
#include <string.h>

#ifdef GD_HAVE_LCMS
#include <lcms2.h>
#endif

#ifdef GD_HAVE_LCMS
struct gd_cmyk {
    cmsHTRANSFORM transform; /* owned */
};

gd_status gd_cmyk_create(gd_decoder *decoder, bool inverted, gd_cmyk **cmyk, gd_error *error)
{
    const char *path = decoder->path;
    gd_profile *profile = &decoder->profile;
    *cmyk = NULL;
    char space[5];
    gd_icc_space(profile->icc, profile->icc_bytes, space);
    if (strcmp(space, "CMYK") != 0)
        return gd_fail(
            error, GD_USAGE,
            "%s: is CMYK without a CMYK colour profile, so that its colours are not known; convert it "
            "to RGB",
            path);
    cmsHTRANSFORM transform = NULL;
    cmsHPROFILE from = cmsOpenProfileFromMem(profile->icc, (cmsUInt32Number)profile->icc_bytes);
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    if (from && to)
        transform = cmsCreateTransform(from, inverted ? TYPE_CMYK_8_REV : TYPE_CMYK_8, to, TYPE_RGB_8,
                                       INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_BLACKPOINTCOMPENSATION);
    if (from)
        cmsCloseProfile(from);
    if (to)
        cmsCloseProfile(to);
    if (!transform)
        return gd_fail(error, GD_USAGE, "%s: is CMYK with a damaged colour profile; convert it to RGB", path);
    *cmyk = malloc(sizeof **cmyk);
    if (!*cmyk) {
        cmsDeleteTransform(transform);
        return gd_no_memory(error, "the colours of %s", path);
    }
    (*cmyk)->transform = transform;
    free(profile->icc);
    profile->icc = NULL;
    profile->icc_bytes = 0;
    decoder->colours = (gd_colour_claims){.srgb = true};
    return GD_OK;
}

void gd_cmyk_row(const gd_cmyk *cmyk, const uint8_t *samples, uint8_t *rgb, int64_t cols)
{
    cmsDoTransform(cmyk->transform, samples, rgb, (cmsUInt32Number)cols);
}

void gd_cmyk_free(gd_cmyk *cmyk)
{
    if (!cmyk)
        return;
    cmsDeleteTransform(cmyk->transform);
    free(cmyk);
}
#else
gd_status gd_cmyk_create(gd_decoder *decoder, bool inverted, gd_cmyk **cmyk, gd_error *error)
{
    (void)inverted;
    *cmyk = NULL;
    return gd_fail(error, GD_USAGE,
                   "%s: is CMYK, which this build cannot convert; convert it to RGB, or build with lcms2",
                   decoder->path);
}

void gd_cmyk_row(const gd_cmyk *cmyk, const uint8_t *samples, uint8_t *rgb, int64_t cols)
{
    (void)cmyk;
    (void)samples;
    memset(rgb, 0, (size_t)cols * 3);
}

void gd_cmyk_free(gd_cmyk *cmyk)
{
    (void)cmyk;
}
#endif
