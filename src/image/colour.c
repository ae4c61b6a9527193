/* Chooses among the statements of a file about its colours: cICP, ICC profile, sRGB, EXIF, then gamma and
 * primaries. */
#include "image/colour.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const gd_icc_xy d65 = {0.3127, 0.3290};

static void drop_icc(gd_decoder *decoder)
{
    free(decoder->profile.icc);
    decoder->profile.icc = NULL;
    decoder->profile.icc_bytes = 0;
}

/* `claim`: the claim and its source, for the warning. */
static void carry(gd_decoder *decoder, const gd_icc_recipe *recipe, const char *claim)
{
    drop_icc(decoder);
    if (!gd_icc_available())
        gd_decoder_warn(decoder,
                        "%s, which this build cannot carry to the output, since it has no lcms2; its colours "
                        "were taken for sRGB",
                        claim);
    else if (!gd_icc_build(recipe, &decoder->profile.icc, &decoder->profile.icc_bytes))
        gd_decoder_warn(decoder, "%s, which are invalid values; its colours were taken for sRGB", claim);
}

static bool near(gd_icc_xy a, gd_icc_xy b)
{
    const double rounding = 0.0015; /* some programs write three digits, or other values for D65 */
    return fabs(a.x - b.x) < rounding && fabs(a.y - b.y) < rounding;
}

static const gd_icc_xy srgb_red = {0.64, 0.33}, srgb_green = {0.30, 0.60}, srgb_blue = {0.15, 0.06};

/* ITU-T H.273, table 2. */
static bool find_primaries(uint8_t code, gd_icc_recipe *r)
{
    static const gd_icc_xy c = {0.310, 0.316}, dci = {0.314, 0.351}, e = {1.0 / 3, 1.0 / 3};
    static const struct {
        uint8_t code;
        const gd_icc_xy *white;
        gd_icc_xy red, green, blue;
    } known[] = {
        {1, &d65, {0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}},
        {4, &c, {0.67, 0.33}, {0.21, 0.71}, {0.14, 0.08}},
        {5, &d65, {0.64, 0.33}, {0.29, 0.60}, {0.15, 0.06}},
        {6, &d65, {0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}},
        {7, &d65, {0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}},
        {8, &c, {0.681, 0.319}, {0.243, 0.692}, {0.145, 0.049}},
        {9, &d65, {0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}},
        {10, &e, {1, 0}, {0, 1}, {0, 0}},
        {11, &dci, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}},
        {12, &d65, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}},
        {22, &d65, {0.630, 0.340}, {0.295, 0.605}, {0.155, 0.077}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].code != code)
            continue;
        r->white = *known[i].white;
        r->red = known[i].red;
        r->green = known[i].green;
        r->blue = known[i].blue;
        return true;
    }
    return false;
}

/* ITU-T H.273, table 3. PQ (16) and HLG (18) exceed the white of a profile. */
static bool find_transfer(uint8_t code, gd_icc_recipe *r)
{
    r->curve = GD_ICC_POWER;
    switch (code) {
    case 1:
    case 6:
    case 14:
    case 15:
        r->curve = GD_ICC_BT709;
        return true;
    case 4:
        r->power = 2.2;
        return true;
    case 5:
        r->power = 2.8;
        return true;
    case 8:
        r->power = 1.0;
        return true;
    case 13:
        r->curve = GD_ICC_SRGB;
        return true;
    default:
        return false;
    }
}

/* False: use another claim. */
static bool settle_coded(gd_decoder *decoder)
{
    const gd_colour_claims *c = &decoder->colours;
    const char *place = c->nclx ? "nclx box" : "cICP chunk";
    char why[64];
    gd_icc_recipe r = {.name = c->nclx ? "Colours of an nclx box" : "Colours of a cICP chunk"};
    if (!c->coded)
        return false;
    if (c->matrix != 0 || c->full_range != 1 || !find_primaries(c->primaries, &r) ||
        !find_transfer(c->transfer, &r)) {
        gd_decoder_warn(decoder,
                        "its %s says %d-%d-%d-%d%s, which is not understood; its colours will not be right",
                        place, c->primaries, c->transfer, c->matrix, c->full_range,
                        c->transfer == 16   ? " (HDR, PQ)"
                        : c->transfer == 18 ? " (HDR, HLG)"
                                            : "");
        return false;
    }
    drop_icc(decoder);
    snprintf(why, sizeof why, "its %s names colours", place);
    if (c->primaries != 1 || r.curve != GD_ICC_SRGB)
        carry(decoder, &r, why);
    return true;
}

/* A grey profile does not describe RGB, so these samples are converted to sRGB. */
static bool settle_grey(gd_decoder *decoder, float **table)
{
    *table = gd_icc_grey_table(decoder->profile.icc, decoder->profile.icc_bytes, decoder->bits);
    drop_icc(decoder);
    if (*table)
        decoder->held += (uint64_t)3 * sizeof **table << decoder->bits;
    else
        gd_decoder_warn(decoder, "its colour profile, for grey, %s, and was dropped",
                        gd_icc_available() ? "is damaged" : "needs lcms2, which this build does not have");
    return *table != NULL;
}

static bool settle_icc(gd_decoder *decoder, float **table)
{
    gd_colour_claims *c = &decoder->colours;
    gd_profile *profile = &decoder->profile;
    char space[5];
    if (c->icc_trouble[0])
        gd_decoder_warn(decoder, "its colour profile was dropped: %s", c->icc_trouble);
    if (!profile->icc)
        return false;
    profile->icc_bytes = gd_icc_size(profile->icc, profile->icc_bytes);
    gd_icc_space(profile->icc, profile->icc_bytes, space);
    if (c->grey && strcmp(space, "GRAY") == 0)
        return settle_grey(decoder, table);
    if (strcmp(space, "RGB ") == 0 && gd_icc_usable(profile->icc, profile->icc_bytes)) {
        decoder->held += 2 * profile->icc_bytes;
        return true;
    }
    if (space[0] && strcmp(space, "RGB ") != 0)
        gd_decoder_warn(decoder, "its colour profile, for %.*s, was dropped, since the picture is %s",
                        (int)strcspn(space, " "), space, c->grey ? "grey" : "RGB");
    else
        gd_decoder_warn(decoder, "its damaged colour profile was dropped");
    drop_icc(decoder);
    return false;
}

static void settle_adobe(gd_decoder *decoder)
{
    const gd_icc_recipe r = {.name = "Compatible with Adobe RGB (1998)",
                             .white = d65,
                             .red = {0.64, 0.33},
                             .green = {0.21, 0.71},
                             .blue = {0.15, 0.06},
                             .curve = GD_ICC_POWER,
                             .power = 563.0 / 256};
    carry(decoder, &r, "its EXIF data names Adobe RGB");
}

static void settle_numbers(gd_decoder *decoder)
{
    const gd_colour_claims *c = &decoder->colours;
    const double srgb_power = 2.2, rounding = 0.011; /* of gAMA 45455 or 45000 */
    gd_icc_recipe r = {.name = "Colours by gamma and primaries",
                       .white = c->placed ? c->white : d65,
                       .red = c->placed ? c->red : srgb_red,
                       .green = c->placed ? c->green : srgb_green,
                       .blue = c->placed ? c->blue : srgb_blue,
                       .curve = c->power > 0 ? GD_ICC_POWER : GD_ICC_SRGB,
                       .power = c->power};
    const bool srgb_curve = c->power == 0 || fabs(c->power / srgb_power - 1) < rounding;
    if (srgb_curve && near(r.white, d65) && near(r.red, srgb_red) && near(r.green, srgb_green) &&
        near(r.blue, srgb_blue))
        return;
    if (c->power != 0 && !(c->power >= 0.1 && c->power <= 10))
        gd_decoder_warn(decoder, "states an invalid gamma; its colours were taken for sRGB");
    else
        carry(decoder, &r, "says its gamma and primaries");
}

void gd_colour_settle(gd_decoder *decoder, float **table)
{
    const gd_colour_claims *c = &decoder->colours;
    *table = NULL;
    if (settle_coded(decoder) || settle_icc(decoder, table) || c->srgb)
        return;
    if (c->adobe_rgb)
        settle_adobe(decoder);
    else if (c->power != 0 || c->placed)
        settle_numbers(decoder);
    else if (c->uncalibrated)
        gd_decoder_warn(
            decoder, "says that its colours are not sRGB, and not what they are; they were taken for sRGB");
}
