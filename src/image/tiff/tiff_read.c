/* Reads TIFFs with libtiff: strips row by row, tiles in bands of a tile's height. */
#include "image/tiff/tiff_header.h"
#include "image/tiff/tiff_pages.h"
#include "image/tiff/tiff_quiet.h"
#include "image/tiff/tiff_reader.h"
#include "image/tiff/tiff_view.h"

#include <stdlib.h>
#include <string.h>

#if TIFFLIB_VERSION < 20221213
#error "libtiff 4.5 or later is needed"
#endif

enum { BYTES_MAX = 1 << 30 /* of a tile or a row, and of one allocation of libtiff */ };

static int on_error(TIFF *file, void *data, const char *module, const char *format, va_list args)
{
    (void)file;
    (void)module;
    gd_tiff_reader *tiff = data;
    if (!tiff->cause[0])
        vsnprintf(tiff->cause, sizeof tiff->cause, format, args);
    return 1;
}

static int32_t plane_count(const gd_tiff_reader *tiff)
{
    return tiff->layout.separate ? tiff->layout.kept : 1;
}

/* Whether a tile or strip is omitted from the file, as GDAL does if all its samples are zero: offset and size
 * are 0. A missing one without that is damage. */
static bool is_sparse(TIFF *file, uint32_t number)
{
    return TIFFGetStrileOffset(file, number) == 0 && TIFFGetStrileByteCount(file, number) == 0;
}

static bool read_tile(gd_tiff_reader *tiff, int32_t plane, int64_t y, int64_t x)
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

static bool read_tiles(gd_tiff_reader *tiff, int64_t y)
{
    for (int32_t plane = 0; plane < plane_count(tiff); plane++) {
        for (int64_t x = 0; x < tiff->base.cols; x += tiff->tile_cols) {
            if (!read_tile(tiff, plane, y, x))
                return false;
        }
    }
    return true;
}

static bool read_line(gd_tiff_reader *tiff, int64_t y)
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

/* Opens the file again, with its own position. It is not mapped, because the whole file would count as memory
 * of the process. */
static gd_status open_plane(gd_tiff_reader *tiff, int32_t plane, gd_error *error)
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

/* Number of rows that are read at a time. */
static int64_t band_rows(const gd_tiff_reader *tiff)
{
    const int64_t rows = tiff->tiled ? tiff->tile_rows : 1;
    return rows < tiff->base.rows ? rows : tiff->base.rows;
}

/* Allocates buffers when the first row is read, so that a plan can refuse a picture that is too large before.
 */
static gd_status allocate_buffers(gd_tiff_reader *tiff, gd_error *error)
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
    gd_tiff_reader *tiff = (gd_tiff_reader *)decoder;
    const gd_status status = tiff->pixels ? GD_OK : allocate_buffers(tiff, error);
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
    gd_tiff_reader *tiff = (gd_tiff_reader *)decoder;
    for (int32_t plane = 0; plane < GD_TIFF_CHANNELS_MAX; plane++) {
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

/* Memory that libtiff uses for a file: one stored strip or tile, and the table of all of them. */
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

static gd_status prepare_pixels(gd_tiff_reader *tiff, gd_error *error)
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

static gd_status open_picture(gd_tiff_reader *tiff, gd_error *error)
{
    gd_status status = gd_tiff_find_page(fileno(tiff->file), &tiff->base, &tiff->view, error);
    if (status == GD_OK)
        status = open_plane(tiff, 0, error);
    if (status == GD_OK)
        status = gd_tiff_header_read(tiff, error);
    return status == GD_OK ? prepare_pixels(tiff, error) : status;
}

gd_status gd_tiff_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error)
{
    gd_tiff_reader *tiff = calloc(1, sizeof *tiff);
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
