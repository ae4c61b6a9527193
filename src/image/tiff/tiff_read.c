/* TIFF by libtiff: strips row by row, tiles by bands of one tile's height. */
#include "image/decoder.h"
#include "image/tiff/tiff_quiet.h"
#include "image/tiff/tiff_samples.h"
#include "image/tiff/tiff_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#if TIFFLIB_VERSION < 20221213
#error "libtiff 4.5 or later is needed"
#endif

enum {
    CHANNELS_MAX = 5,      /* that are read of a pixel: colours, and what they were multiplied by */
    SAMPLES_MAX = 64,      /* of a pixel */
    TILE_SIDE_MAX = 16384, /* pixels */
    BYTES_MAX = 1 << 30    /* of a tile or a row, and of what libtiff may allocate at once */
};

typedef struct tiff_reader {
    gd_decoder base;
    FILE *file;                /* owned */
    gd_tiff_page_view view;    /* owned; the page that is read */
    TIFF *files[CHANNELS_MAX]; /* owned; one for each separate plane, so that each is read in its order */
    char cause[256];           /* libtiff's first word on the error */
    uint16_t photometric;
    gd_tiff_layout layout;
    bool tiled;
    uint32_t tile_rows, tile_cols;
    uint8_t *raw; /* owned; [raw_bytes], a row or a tile as libtiff gives it */
    size_t raw_bytes;
    uint8_t *pixels;    /* owned; [1 or tile_rows, cols, kept] samples of 8 or 16 bits */
    size_t pixel_bytes; /* of a pixel in `pixels` */
} tiff_reader;

static int on_error(TIFF *file, void *data, const char *module, const char *format, va_list args)
{
    (void)file;
    (void)module;
    tiff_reader *tiff = data;
    if (!tiff->cause[0])
        vsnprintf(tiff->cause, sizeof tiff->cause, format, args);
    return 1;
}

static int32_t plane_count(const tiff_reader *tiff)
{
    return tiff->layout.separate ? tiff->layout.kept : 1;
}

/* Whether a tile or strip is left out of the file, as GDAL does with those that are all zero. Where nothing
 * says so it would be damage. */
static bool is_sparse(TIFF *file, uint32_t number)
{
    return TIFFGetStrileOffset(file, number) == 0 && TIFFGetStrileByteCount(file, number) == 0;
}

static bool read_tile(tiff_reader *tiff, int32_t plane, int64_t y, int64_t x)
{
    int64_t rows = tiff->tile_rows, cols = tiff->tile_cols;
    TIFF *file = tiff->files[plane];
    const uint16_t sample = (uint16_t)gd_tiff_sample_of(&tiff->layout, plane);
    if (is_sparse(file, TIFFComputeTile(file, (uint32_t)x, (uint32_t)y, 0, sample)))
        memset(tiff->raw, 0, tiff->raw_bytes);
    else if (TIFFReadTile(file, tiff->raw, (uint32_t)x, (uint32_t)y, 0, sample) < 0)
        return false;
    size_t row_bytes = (size_t)TIFFTileRowSize(file);
    if (rows > tiff->base.rows - y)
        rows = tiff->base.rows - y;
    if (cols > tiff->base.cols - x)
        cols = tiff->base.cols - x;
    for (int64_t r = 0; r < rows; r++)
        gd_tiff_unpack(&tiff->layout, tiff->raw + (size_t)r * row_bytes, plane, cols,
                       tiff->pixels + (size_t)(r * tiff->base.cols + x) * tiff->pixel_bytes);
    return true;
}

static bool read_tiles(tiff_reader *tiff, int64_t y)
{
    for (int32_t plane = 0; plane < plane_count(tiff); plane++) {
        for (int64_t x = 0; x < tiff->base.cols; x += tiff->tile_cols) {
            if (!read_tile(tiff, plane, y, x))
                return false;
        }
    }
    return true;
}

static bool read_line(tiff_reader *tiff, int64_t y)
{
    for (int32_t plane = 0; plane < plane_count(tiff); plane++) {
        TIFF *file = tiff->files[plane];
        const uint16_t sample = (uint16_t)gd_tiff_sample_of(&tiff->layout, plane);
        if (is_sparse(file, TIFFComputeStrip(file, (uint32_t)y, sample)))
            memset(tiff->raw, 0, tiff->raw_bytes);
        else if (TIFFReadScanline(file, tiff->raw, (uint32_t)y, sample) < 0)
            return false;
        gd_tiff_unpack(&tiff->layout, tiff->raw, plane, tiff->base.cols, tiff->pixels);
    }
    return true;
}

/* Another view of the file, with a place in it of its own. It is not mapped: the whole file would come to be
 * memory of the process. */
static gd_status open_plane(tiff_reader *tiff, int32_t plane, gd_error *error)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return gd_no_memory(error, "reading %s", tiff->base.path);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, BYTES_MAX);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, tiff);
    gd_tiff_drop_warnings(options);
    tiff->files[plane] = gd_tiff_view_open(fileno(tiff->file), &tiff->view, tiff->base.path, options);
    TIFFOpenOptionsFree(options);
    if (tiff->files[plane])
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: its header cannot be read; the file is damaged (%s)",
                   tiff->base.path, tiff->cause);
}

/* Rows that are read at a time. */
static int64_t band_rows(const tiff_reader *tiff)
{
    const int64_t rows = tiff->tiled ? tiff->tile_rows : 1;
    return rows < tiff->base.rows ? rows : tiff->base.rows;
}

/* Only when they are needed, so that a plan can refuse before what is too large for the machine. */
static gd_status make_room(tiff_reader *tiff, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t plane = 1; status == GD_OK && plane < plane_count(tiff); plane++)
        status = open_plane(tiff, plane, error);
    if (status != GD_OK)
        return status;
    tiff->raw = malloc(tiff->raw_bytes);
    tiff->pixels = calloc((size_t)(band_rows(tiff) * tiff->base.cols), tiff->pixel_bytes);
    if (tiff->raw && tiff->pixels)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%s: no memory for %lld rows of %lld pixels, which its tiles have; save it with smaller tiles",
        tiff->base.path, (long long)band_rows(tiff), (long long)tiff->base.cols);
}

static gd_status tiff_row(gd_decoder *decoder, void *row, gd_error *error)
{
    tiff_reader *tiff = (tiff_reader *)decoder;
    const gd_status status = tiff->pixels ? GD_OK : make_room(tiff, error);
    if (status != GD_OK)
        return status;
    int64_t within = tiff->tiled ? decoder->next % tiff->tile_rows : 0;
    tiff->cause[0] = '\0';
    if (within == 0 && !(tiff->tiled ? read_tiles(tiff, decoder->next) : read_line(tiff, decoder->next)))
        return gd_decoder_damaged(decoder, tiff->cause, error);
    gd_tiff_to_rgb(&tiff->layout, tiff->base.cols,
                   tiff->pixels + (size_t)(within * decoder->cols) * tiff->pixel_bytes, row);
    return GD_OK;
}

static void tiff_close(gd_decoder *decoder)
{
    tiff_reader *tiff = (tiff_reader *)decoder;
    for (int32_t plane = 0; plane < CHANNELS_MAX; plane++) {
        if (tiff->files[plane])
            TIFFClose(tiff->files[plane]);
    }
    gd_tiff_page_view_free(&tiff->view);
    fclose(tiff->file);
    gd_cmyk_free(tiff->layout.cmyk);
    free(tiff->raw);
    free(tiff->pixels);
    free(tiff->layout.palette);
    free(tiff);
}

static const gd_decoder_class TIFF_CLASS = {.row = tiff_row, .close = tiff_close};

static uint16_t tag16(TIFF *file, uint32_t tag)
{
    uint16_t value = 0;
    TIFFGetFieldDefaulted(file, tag, &value);
    return value;
}

static gd_status read_layout(tiff_reader *tiff, gd_error *error)
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

static gd_status check_codec(tiff_reader *tiff, gd_error *error)
{
    uint16_t compression = tag16(tiff->files[0], TIFFTAG_COMPRESSION);
    if (compression != COMPRESSION_OJPEG && TIFFIsCODECConfigured(compression))
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%s: is compressed by scheme %u, which this build cannot read; save it with LZW or deflate",
        tiff->base.path, compression);
}

static gd_status check_samples(tiff_reader *tiff, gd_error *error)
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

static gd_status read_palette(tiff_reader *tiff, gd_error *error)
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

static gd_status convert_cmyk(tiff_reader *tiff, gd_error *error)
{
    uint16_t ink = tag16(tiff->files[0], TIFFTAG_INKSET);
    if (ink != INKSET_CMYK || tiff->layout.samples < 4 || tiff->layout.stored_bits != 8)
        return gd_fail(error, GD_USAGE,
                       "%s: has inks that cannot be converted (only CMYK of 8 bits can); convert "
                       "it to RGB",
                       tiff->base.path);
    return gd_cmyk_create(&tiff->base, false, &tiff->layout.cmyk, error);
}

/* How many colour channels a pixel has; 0: the kind of colours cannot be read. */
static int32_t colours_of(const tiff_reader *tiff)
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

/* What the samples beside the colours are (TIFF 6.0, ExtraSamples): transparency, which is ignored or, where
 * colours come multiplied by it, divided out; or anything. */
static void look_at_extras(tiff_reader *tiff)
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

static gd_status read_colours(tiff_reader *tiff, gd_error *error)
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

/* TIFF 6.0's own words on colour. */
static void read_places(tiff_reader *tiff)
{
    gd_colour_claims *c = &tiff->base.colours;
    const float *white = NULL, *places = NULL;
    uint16_t *curves[3];
    if (TIFFGetField(tiff->files[0], TIFFTAG_TRANSFERFUNCTION, &curves[0], &curves[1], &curves[2]))
        gd_decoder_warn(&tiff->base, "its TransferFunction is not honoured; an ICC profile would be");
    if (!TIFFGetField(tiff->files[0], TIFFTAG_PRIMARYCHROMATICITIES, &places) ||
        !TIFFGetField(tiff->files[0], TIFFTAG_WHITEPOINT, &white))
        return;
    c->placed = true;
    c->white = (gd_icc_xy){(double)white[0], (double)white[1]};
    c->red = (gd_icc_xy){(double)places[0], (double)places[1]};
    c->green = (gd_icc_xy){(double)places[2], (double)places[3]};
    c->blue = (gd_icc_xy){(double)places[4], (double)places[5]};
    c->power = 2.2; /* of NTSC, as TIFF 6.0 has it where there is no TransferFunction */
}

static gd_status read_profile(tiff_reader *tiff, gd_error *error)
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

/* Memory that libtiff holds for a file: one stored strip or tile, and the table of all of them. */
static uint64_t library_bytes(TIFF *file)
{
    const uint32_t count = TIFFIsTiled(file) ? TIFFNumberOfTiles(file) : TIFFNumberOfStrips(file);
    const uint64_t all = TIFFGetSizeProc(file)(TIFFClientdata(file));
    uint64_t largest = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t bytes = TIFFGetStrileByteCount(file, i);
        largest = bytes > largest ? bytes : largest;
    }
    return (largest < all ? largest : all) + count * (2 * sizeof(uint64_t));
}

static gd_status prepare_pixels(tiff_reader *tiff, gd_error *error)
{
    if (tiff->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(tiff->files[0], TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    tmsize_t raw = tiff->tiled ? TIFFTileSize(tiff->files[0]) : TIFFScanlineSize(tiff->files[0]);
    int64_t across = tiff->tiled ? tiff->tile_cols : tiff->base.cols;
    int64_t least =
        (across * (tiff->layout.separate ? 1 : tiff->layout.samples) * tiff->layout.stored_bits + 7) / 8;
    if (raw > BYTES_MAX)
        return gd_fail(error, GD_USAGE, "%s: has tiles or rows of %lld bytes; at most %d can be read",
                       tiff->base.path, (long long)raw, BYTES_MAX);
    if (raw < least * (tiff->tiled ? (int64_t)tiff->tile_rows : 1))
        return gd_fail(error, GD_USAGE, "%s: its sizes contradict each other; the file is damaged",
                       tiff->base.path);
    tiff->pixel_bytes = (size_t)(tiff->layout.kept * tiff->base.bits / 8);
    tiff->raw_bytes = (size_t)raw;
    tiff->base.held = (uint64_t)(band_rows(tiff) * tiff->base.cols) * tiff->pixel_bytes + (uint64_t)raw +
                      (uint64_t)plane_count(tiff) * library_bytes(tiff->files[0]);
    return GD_OK;
}

static gd_status open_picture(tiff_reader *tiff, gd_error *error)
{
    gd_status status = gd_tiff_find_page(fileno(tiff->file), &tiff->base, &tiff->view, error);
    if (status == GD_OK)
        status = open_plane(tiff, 0, error);
    if (status == GD_OK)
        status = read_layout(tiff, error);
    if (status == GD_OK)
        status = check_codec(tiff, error);
    if (status == GD_OK)
        status = read_profile(tiff, error);
    if (status == GD_OK)
        status = read_colours(tiff, error);
    return status == GD_OK ? prepare_pixels(tiff, error) : status;
}

gd_status gd_tiff_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error)
{
    tiff_reader *tiff = calloc(1, sizeof *tiff);
    if (!tiff) {
        fclose(file);
        return gd_no_memory(error, "reading %s", path);
    }
    tiff->base = (gd_decoder){.class = &TIFF_CLASS, .path = path, .allowance = allowance, .orientation = 1};
    tiff->file = file;
    const gd_status status = open_picture(tiff, error);
    if (status == GD_OK)
        *decoder = &tiff->base;
    else
        gd_decoder_close(&tiff->base);
    return status;
}
