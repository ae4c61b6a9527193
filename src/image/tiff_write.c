/* TIFF by libtiff: tiles, deflate with horizontal differences, BigTIFF where 4 GB do not suffice. */
#include "image/sink.h"
#include "image/tiff_quiet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

enum { TILE = 256 }; /* pixels a side */

typedef struct tiff_sink {
    gd_sink base;
    TIFF *file; /* owned */
    bool failed;
    int64_t across;     /* tiles in a row of them */
    size_t pixel_bytes; /* of a pixel */
    uint8_t *tiles;     /* owned; [across, TILE, TILE, 3], the row of tiles that is being filled */
} tiff_sink;

static int on_error(TIFF *file, void *data, const char *module, const char *format, va_list args)
{
    (void)file;
    (void)module;
    tiff_sink *tiff = data;
    if (!tiff->failed) {
        tiff->base.system_error = errno;
        vsnprintf(tiff->base.cause, sizeof tiff->base.cause, format, args);
    }
    tiff->failed = true;
    return 1;
}

static size_t tile_bytes(const tiff_sink *tiff)
{
    return (size_t)TILE * TILE * tiff->pixel_bytes;
}

static gd_status write_tiles(tiff_sink *tiff, gd_error *error)
{
    uint32_t y = (uint32_t)(tiff->base.next / TILE * TILE);
    for (int64_t i = 0; i < tiff->across; i++) {
        uint32_t tile = TIFFComputeTile(tiff->file, (uint32_t)(i * TILE), y, 0, 0);
        uint8_t *data = tiff->tiles + (size_t)i * tile_bytes(tiff);
        if (TIFFWriteEncodedTile(tiff->file, tile, data, (tmsize_t)tile_bytes(tiff)) < 0 || tiff->failed)
            return gd_sink_failed(&tiff->base, error);
    }
    memset(tiff->tiles, 0, (size_t)tiff->across * tile_bytes(tiff));
    return GD_OK;
}

static gd_status tiff_row(gd_sink *sink, const void *samples, gd_error *error)
{
    tiff_sink *tiff = (tiff_sink *)sink;
    int64_t within = sink->next % TILE;
    for (int64_t i = 0; i < tiff->across; i++) {
        int64_t cols = sink->cols - i * TILE < TILE ? sink->cols - i * TILE : TILE;
        memcpy(tiff->tiles + (size_t)i * tile_bytes(tiff) + (size_t)(within * TILE) * tiff->pixel_bytes,
               (const uint8_t *)samples + (size_t)(i * TILE) * tiff->pixel_bytes,
               (size_t)cols * tiff->pixel_bytes);
    }
    errno = 0;
    if (within == TILE - 1 || sink->next == sink->rows - 1)
        return write_tiles(tiff, error);
    return GD_OK;
}

static gd_status tiff_finish(gd_sink *sink, gd_error *error)
{
    tiff_sink *tiff = (tiff_sink *)sink;
    errno = 0;
    int flushed = TIFFFlush(tiff->file);
    TIFFClose(tiff->file);
    tiff->file = NULL;
    return flushed && !tiff->failed ? GD_OK : gd_sink_failed(sink, error);
}

static void tiff_close(gd_sink *sink)
{
    tiff_sink *tiff = (tiff_sink *)sink;
    if (tiff->file)
        TIFFClose(tiff->file);
    free(tiff->tiles);
    free(tiff);
}

static const gd_sink_class TIFF_CLASS = {.row = tiff_row, .finish = tiff_finish, .close = tiff_close};

static bool set_colours(TIFF *file, const gd_writer_options *options)
{
    return TIFFSetField(file, TIFFTAG_IMAGEWIDTH, (uint32_t)options->cols) &&
           TIFFSetField(file, TIFFTAG_IMAGELENGTH, (uint32_t)options->rows) &&
           TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, options->bits) &&
           TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 3) &&
           TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) &&
           TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB) &&
           TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
           TIFFSetField(file, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
}

static bool set_storage(TIFF *file)
{
    enum { LEVEL = 6 };
    return TIFFSetField(file, TIFFTAG_TILEWIDTH, TILE) && TIFFSetField(file, TIFFTAG_TILELENGTH, TILE) &&
           TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE) &&
           TIFFSetField(file, TIFFTAG_ZIPQUALITY, LEVEL) &&
           TIFFSetField(file, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
}

/* Viewers want a resolution; 72 dots per inch stands for an unknown one. */
static bool set_words(TIFF *file, const gd_writer_options *options)
{
    const double unknown = 72.0;
    const gd_profile *profile = options->profile;
    bool known = profile && profile->dpi_x > 0.0 && profile->dpi_y > 0.0;
    bool set = TIFFSetField(file, TIFFTAG_XRESOLUTION, known ? profile->dpi_x : unknown) &&
               TIFFSetField(file, TIFFTAG_YRESOLUTION, known ? profile->dpi_y : unknown) &&
               TIFFSetField(file, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH) &&
               TIFFSetField(file, TIFFTAG_SOFTWARE, "gigadream " GD_VERSION);
    if (set && options->text && options->text[0])
        set = TIFFSetField(file, TIFFTAG_IMAGEDESCRIPTION, options->text);
    if (set && profile && profile->icc)
        set = TIFFSetField(file, TIFFTAG_ICCPROFILE, (uint32_t)profile->icc_bytes, profile->icc);
    return set;
}

/* Classic TIFF ends at 4 GB; the slack is for what deflate may add, the tables and the words. */
static const char *mode_of(const gd_writer_options *options)
{
    const int64_t classic = (INT64_C(1) << 32) - (INT64_C(1) << 27);
    return options->rows * options->cols * 3 * (options->bits / 8) > classic ? "wl8" : "wl";
}

static gd_status open_file(tiff_sink *tiff, int fd, const gd_writer_options *options, gd_error *error)
{
    TIFFOpenOptions *handlers = TIFFOpenOptionsAlloc();
    int own = handlers ? dup(fd) : -1;
    if (own < 0) {
        tiff->base.system_error = errno;
        TIFFOpenOptionsFree(handlers);
        return gd_sink_failed(&tiff->base, error);
    }
    TIFFOpenOptionsSetErrorHandlerExtR(handlers, on_error, tiff);
    gd_tiff_drop_warnings(handlers);
    errno = 0;
    tiff->file = TIFFFdOpenExt(own, tiff->base.path, mode_of(options), handlers);
    TIFFOpenOptionsFree(handlers);
    if (!tiff->file) {
        close(own);
        return gd_sink_failed(&tiff->base, error);
    }
    if (!set_colours(tiff->file, options) || !set_storage(tiff->file) || !set_words(tiff->file, options))
        return gd_sink_failed(&tiff->base, error);
    return GD_OK;
}

gd_status gd_tiff_create(const char *path, int fd, const gd_writer_options *options, gd_sink **sink,
                         gd_error *error)
{
    tiff_sink *tiff = calloc(1, sizeof *tiff);
    if (!tiff)
        return gd_fail(error, GD_MEMORY, "%s: no memory to write it", path);
    tiff->base = (gd_sink){.class = &TIFF_CLASS,
                           .path = path,
                           .rows = options->rows,
                           .cols = options->cols,
                           .bits = options->bits};
    tiff->across = (options->cols + TILE - 1) / TILE;
    tiff->pixel_bytes = (size_t)(3 * options->bits / 8);
    tiff->tiles = calloc((size_t)tiff->across, tile_bytes(tiff));
    gd_status status = tiff->tiles ? open_file(tiff, fd, options, error)
                                   : gd_fail(error, GD_MEMORY, "%s: no memory for a row of %lld tiles", path,
                                             (long long)tiff->across);
    if (status != GD_OK) {
        tiff_close(&tiff->base);
        return status;
    }
    *sink = &tiff->base;
    return GD_OK;
}
