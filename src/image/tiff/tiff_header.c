/* Reads the tags of a TIFF page: size, layout of pixels, colours, resolution and profile. */
#include "image/tiff/tiff_header.h"

#include <math.h>
#include <stdlib.h>

enum {
    SAMPLES_MAX = 64,     /* of a pixel */
    TILE_SIDE_MAX = 16384 /* pixels */
};

static uint16_t tag16(TIFF *file, uint32_t tag)
{
    uint16_t value = 0;
    TIFFGetFieldDefaulted(file, tag, &value);
    return value;
}

static gd_status read_layout(gd_tiff_reader *tiff, gd_error *error)
{
    TIFF *file = tiff->files[0];
    uint32_t rows = 0, cols = 0;
    TIFFGetField(file, TIFFTAG_IMAGELENGTH, &rows);
    TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &cols);
    tiff->base.rows = rows;
    tiff->base.cols = cols;
    gd_status status = gd_decoder_check_size(tiff->base.path, rows, cols, error);
    if (status != GD_OK)
        return status;
    tiff->layout.stored_bits = tag16(file, TIFFTAG_BITSPERSAMPLE);
    tiff->layout.samples = tag16(file, TIFFTAG_SAMPLESPERPIXEL);
    tiff->layout.separate =
        tag16(file, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE && tiff->layout.samples > 1;
    tiff->tiled = TIFFIsTiled(file);
    tiff->base.bits = tiff->layout.bits = tiff->layout.stored_bits == 16 ? 16 : 8;
    uint16_t orientation = tag16(file, TIFFTAG_ORIENTATION);
    if (orientation >= 1 && orientation <= 8)
        tiff->base.orientation = orientation;
    if (!tiff->tiled)
        return GD_OK;
    TIFFGetField(file, TIFFTAG_TILELENGTH, &tiff->tile_rows);
    TIFFGetField(file, TIFFTAG_TILEWIDTH, &tiff->tile_cols);
    if (tiff->tile_rows >= 1 && tiff->tile_cols >= 1 && tiff->tile_rows <= TILE_SIDE_MAX &&
        tiff->tile_cols <= TILE_SIDE_MAX)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: has tiles of %u x %u pixels; at most %d a side can be read",
                   tiff->base.path, tiff->tile_cols, tiff->tile_rows, TILE_SIDE_MAX);
}

static gd_status check_codec(gd_tiff_reader *tiff, gd_error *error)
{
    uint16_t compression = tag16(tiff->files[0], TIFFTAG_COMPRESSION);
    if (compression != COMPRESSION_OJPEG && TIFFIsCODECConfigured(compression))
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%s: is compressed by scheme %u, which this build cannot read; save it with LZW or deflate",
        tiff->base.path, compression);
}

static gd_status check_samples(gd_tiff_reader *tiff, gd_error *error)
{
    int32_t bits = tiff->layout.stored_bits;
    uint16_t format = tag16(tiff->files[0], TIFFTAG_SAMPLEFORMAT);
    bool small = bits == 1 || bits == 2 || bits == 4;
    if (format != SAMPLEFORMAT_UINT)
        return gd_fail(
            error, GD_USAGE,
            "%s: has samples of format %u (1 is unsigned, 3 is floating point); convert it to unsigned "
            "samples of 8 or 16 bits",
            tiff->base.path, format);
    if (bits == 8 || (bits == 16 && tiff->photometric != PHOTOMETRIC_PALETTE) ||
        (small && tiff->layout.colours == 1))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: has samples of %d bits; convert it to 8 or 16", tiff->base.path,
                   bits);
}

static gd_status read_palette(gd_tiff_reader *tiff, gd_error *error)
{
    uint16_t *channels[3];
    if (!TIFFGetField(tiff->files[0], TIFFTAG_COLORMAP, &channels[0], &channels[1], &channels[2]))
        return gd_fail(error, GD_USAGE, "%s: has no palette for its colours; the file is damaged",
                       tiff->base.path);
    int32_t count = 1 << tiff->layout.stored_bits;
    tiff->layout.palette = malloc((size_t)count * 3);
    if (!tiff->layout.palette)
        return gd_no_memory(error, "the palette of %s", tiff->base.path);
    unsigned top = 0;
    for (int32_t i = 0; i < 3 * count; i++)
        top = channels[i % 3][i / 3] > top ? channels[i % 3][i / 3] : top;
    /* Palettes have 16 bits; some old programs wrote 8. */
    for (int32_t i = 0; i < 3 * count; i++)
        tiff->layout.palette[i] = (uint8_t)(top > 255 ? channels[i % 3][i / 3] >> 8 : channels[i % 3][i / 3]);
    return GD_OK;
}

static gd_status convert_cmyk(gd_tiff_reader *tiff, gd_error *error)
{
    uint16_t ink = tag16(tiff->files[0], TIFFTAG_INKSET);
    if (ink != INKSET_CMYK || tiff->layout.samples < 4 || tiff->layout.stored_bits != 8)
        return gd_fail(error, GD_USAGE,
                       "%s: has inks that cannot be converted (only CMYK of 8 bits can); convert "
                       "it to RGB",
                       tiff->base.path);
    return gd_cmyk_create(&tiff->base, false, &tiff->layout.cmyk, error);
}

/* Number of colour channels of a pixel; 0: this kind of colours cannot be read. */
static int32_t colours_of(const gd_tiff_reader *tiff)
{
    switch (tiff->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
        return 1;
    case PHOTOMETRIC_RGB:
        return 3;
    case PHOTOMETRIC_YCBCR:
        return tag16(tiff->files[0], TIFFTAG_COMPRESSION) == COMPRESSION_JPEG && !tiff->layout.separate ? 3
                                                                                                        : 0;
    case PHOTOMETRIC_SEPARATED:
        return 4;
    default:
        return 0;
    }
}

/* Examines the samples that are not colours (TIFF 6.0, ExtraSamples). Transparency is ignored, but colours
 * that are multiplied by it are divided by it; all others are ignored. */
static void look_at_extras(gd_tiff_reader *tiff)
{
    const int32_t extra = tiff->layout.samples - tiff->layout.colours;
    uint16_t count = 0, *kinds = NULL;
    bool alpha = false, others = false;
    if (!TIFFGetField(tiff->files[0], TIFFTAG_EXTRASAMPLES, &count, &kinds))
        count = 0;
    for (int32_t i = 0; i < extra; i++) {
        const uint16_t kind = i < count ? kinds[i] : EXTRASAMPLE_UNSPECIFIED;
        if (kind == EXTRASAMPLE_ASSOCALPHA && !alpha && !tiff->layout.palette &&
            tiff->layout.stored_bits >= 8)
            tiff->layout.alpha = tiff->layout.colours + i;
        alpha = alpha || kind == EXTRASAMPLE_ASSOCALPHA || kind == EXTRASAMPLE_UNASSALPHA;
        others = others || kind == EXTRASAMPLE_UNSPECIFIED;
    }
    tiff->layout.kept = tiff->layout.colours + (tiff->layout.alpha > 0);
    if (alpha)
        gd_decoder_warn(&tiff->base, "its transparency was ignored%s",
                        tiff->layout.alpha ? ", and its colours divided by it" : "");
    if (others)
        gd_decoder_warn(&tiff->base, "it has %d channels, of which the first %d were read",
                        tiff->layout.samples, tiff->layout.colours);
}

static gd_status read_colours(gd_tiff_reader *tiff, gd_error *error)
{
    if (!TIFFGetField(tiff->files[0], TIFFTAG_PHOTOMETRIC, &tiff->photometric))
        return gd_fail(error, GD_USAGE, "%s: does not say what its colours mean; the file is damaged",
                       tiff->base.path);
    tiff->layout.colours = colours_of(tiff);
    if (tiff->layout.colours == 0 || tiff->layout.samples < tiff->layout.colours ||
        tiff->layout.samples > SAMPLES_MAX)
        return gd_fail(error, GD_USAGE,
                       "%s: has %d channels of colour kind %u, which cannot be read; convert it to RGB",
                       tiff->base.path, tiff->layout.samples, tiff->photometric);
    gd_status status = check_samples(tiff, error);
    if (status == GD_OK && tiff->photometric == PHOTOMETRIC_PALETTE)
        status = read_palette(tiff, error);
    if (status == GD_OK && tiff->photometric == PHOTOMETRIC_SEPARATED)
        status = convert_cmyk(tiff, error);
    tiff->base.colours.grey = tiff->photometric <= PHOTOMETRIC_MINISBLACK;
    tiff->layout.inverted = tiff->photometric == PHOTOMETRIC_MINISWHITE;
    look_at_extras(tiff);
    return status;
}

static double dots_per_inch(double resolution, uint16_t unit)
{
    double dpi = unit == RESUNIT_INCH ? resolution : unit == RESUNIT_CENTIMETER ? resolution * 2.54 : 0.0;
    return isfinite(dpi) && dpi > 0.0 ? dpi : 0.0;
}

/* Reads the primaries and the white point (TIFF 6.0, section 20). */
static void read_places(gd_tiff_reader *tiff)
{
    gd_colour_claims *c = &tiff->base.colours;
    const float *white = NULL, *places = NULL;
    uint16_t *curves[3];
    if (TIFFGetField(tiff->files[0], TIFFTAG_TRANSFERFUNCTION, &curves[0], &curves[1], &curves[2]))
        gd_decoder_warn(&tiff->base, "its TransferFunction is ignored; an ICC profile would be used");
    if (!TIFFGetField(tiff->files[0], TIFFTAG_PRIMARYCHROMATICITIES, &places) ||
        !TIFFGetField(tiff->files[0], TIFFTAG_WHITEPOINT, &white))
        return;
    c->placed = true;
    c->white = (gd_icc_xy){(double)white[0], (double)white[1]};
    c->red = (gd_icc_xy){(double)places[0], (double)places[1]};
    c->green = (gd_icc_xy){(double)places[2], (double)places[3]};
    c->blue = (gd_icc_xy){(double)places[4], (double)places[5]};
    c->power = 2.2; /* of NTSC, the default of TIFF 6.0 without a TransferFunction */
}

static gd_status read_profile(gd_tiff_reader *tiff, gd_error *error)
{
    TIFF *file = tiff->files[0];
    float x = 0.0f, y = 0.0f;
    TIFFGetField(file, TIFFTAG_XRESOLUTION, &x);
    TIFFGetField(file, TIFFTAG_YRESOLUTION, &y);
    uint16_t unit = tag16(file, TIFFTAG_RESOLUTIONUNIT);
    tiff->base.profile.dpi_x = dots_per_inch(x, unit);
    tiff->base.profile.dpi_y = dots_per_inch(y, unit);
    uint32_t bytes = 0;
    void *icc = NULL;
    if (!TIFFGetField(file, TIFFTAG_ICCPROFILE, &bytes, &icc)) {
        read_places(tiff);
        return GD_OK;
    }
    return gd_decoder_keep_icc(&tiff->base, icc, bytes, error);
}

gd_status gd_tiff_header_read(gd_tiff_reader *tiff, gd_error *error)
{
    gd_status status = read_layout(tiff, error);
    if (status == GD_OK)
        status = check_codec(tiff, error);
    if (status == GD_OK)
        status = read_profile(tiff, error);
    return status == GD_OK ? read_colours(tiff, error) : status;
}
