/* TIFF by libtiff: a page of tiles, then, for a pyramid, pages of half the size each. A page's directory can
 * only be written when its tiles are; so the tiles of the smaller pages, which come at the same time, wait
 * compressed in files without a name, and are copied behind the first page at the end. */
#include "image/sink.h"
#include "image/tiff_level.h"
#include "image/tiff_quiet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sides of GD_PICTURE_SIDE_MAX come down to one tile in 17 levels. */
enum { LEVELS_MAX = 17 };

typedef struct tiff_sink {
    gd_sink base;
    TIFFOpenOptions *handlers; /* owned */
    bool failed;
    int count;
    gd_tiff_level levels[LEVELS_MAX]; /* [count] */
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

static gd_status tiff_row(gd_sink *sink, const void *samples, gd_error *error)
{
    tiff_sink *tiff = (tiff_sink *)sink;
    errno = 0;
    for (gd_tiff_level *level = tiff->levels; samples; level++) {
        if (!gd_tiff_level_row(level, samples) || tiff->failed)
            return gd_sink_failed(sink, error);
        samples = gd_tiff_level_half(level, samples);
    }
    return GD_OK;
}

/* Writes a level's page behind those before it. */
static gd_status add_page(tiff_sink *tiff, gd_tiff_level *level, gd_error *error)
{
    TIFF *file = tiff->levels[0].file;
    bool memory = true, written = true;
    if (level->file != file)
        written = gd_tiff_page_set(file, &level->page) && gd_tiff_level_copy(level, file, &memory);
    if (!memory)
        return gd_fail(error, GD_MEMORY, "%s: no memory for a tile", tiff->base.path);
    if (!written || !TIFFWriteDirectory(file) || tiff->failed)
        return gd_sink_failed(&tiff->base, error);
    return GD_OK;
}

static gd_status tiff_finish(gd_sink *sink, gd_error *error)
{
    tiff_sink *tiff = (tiff_sink *)sink;
    gd_status status = GD_OK;
    errno = 0;
    for (int i = 0; status == GD_OK && i < tiff->count; i++) {
        status = add_page(tiff, &tiff->levels[i], error);
        if (i > 0)
            gd_tiff_level_free(&tiff->levels[i]);
    }
    if (status != GD_OK)
        return status;
    TIFFClose(tiff->levels[0].file);
    tiff->levels[0].file = NULL;
    return tiff->failed ? gd_sink_failed(sink, error) : GD_OK;
}

static void tiff_close(gd_sink *sink)
{
    tiff_sink *tiff = (tiff_sink *)sink;
    for (int i = 0; i < tiff->count; i++)
        gd_tiff_level_free(&tiff->levels[i]);
    if (tiff->handlers)
        TIFFOpenOptionsFree(tiff->handlers);
    free(tiff);
}

static const gd_sink_class TIFF_CLASS = {.row = tiff_row, .finish = tiff_finish, .close = tiff_close};

/* Classic TIFF ends at 4 GB; the slack is for what compression may add, the tables and the words. */
static const int64_t classic_bytes = (INT64_C(1) << 32) - (INT64_C(1) << 27);

/* LZW makes noise larger: codes of up to 12 bits may stand for a byte each. */
static bool needs_big(const gd_writer_options *options)
{
    const int64_t bytes = gd_tiff_bytes(options);
    if (options->bigtiff == GD_BIGTIFF_AUTO)
        return bytes > (options->compression == GD_COMPRESSION_LZW ? classic_bytes / 3 * 2 : classic_bytes);
    return options->bigtiff == GD_BIGTIFF_ALWAYS;
}

static gd_status check_classic(const char *path, const gd_writer_options *options, gd_error *error)
{
    const int64_t bytes = gd_tiff_bytes(options);
    gd_writer_options single = *options;
    single.pyramid = false;
    if (bytes <= classic_bytes)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s: a TIFF that is no BigTIFF holds 4 GB, and %lld x %lld pixels may need %.2f GB%s; use "
                   "--bigtiff auto%s",
                   path, (long long)options->cols, (long long)options->rows, 1e-9 * (double)bytes,
                   options->pyramid ? " with their pyramid" : "",
                   gd_tiff_bytes(&single) <= classic_bytes ? ", or --pyramid off" : "");
}

gd_status gd_tiff_check(const char *path, const gd_writer_options *options, gd_error *error)
{
    static const struct {
        const char *name;
        uint16_t scheme;
    } of[] = {[GD_COMPRESSION_DEFLATE] = {"deflate", COMPRESSION_ADOBE_DEFLATE},
              [GD_COMPRESSION_LZW] = {"LZW", COMPRESSION_LZW},
              [GD_COMPRESSION_ZSTD] = {"zstd", COMPRESSION_ZSTD},
              [GD_COMPRESSION_JPEG] = {"JPEG", COMPRESSION_JPEG},
              [GD_COMPRESSION_NONE] = {"no", COMPRESSION_NONE}};
    if (!TIFFIsCODECConfigured(of[options->compression].scheme))
        return gd_fail(error, GD_USAGE,
                       "%s: the libtiff of this program has no %s compression; use another, such as deflate",
                       path, of[options->compression].name);
    if (options->compression == GD_COMPRESSION_JPEG && options->bits != 8)
        return gd_fail(error, GD_USAGE,
                       "%s: JPEG compression is for 8 bits a channel, not %d; use deflate, or 8 bits", path,
                       options->bits);
    return options->bigtiff == GD_BIGTIFF_NEVER ? check_classic(path, options, error) : GD_OK;
}

/* Owns `fd` from here on. */
static gd_status open_level(tiff_sink *tiff, int fd, bool big, gd_tiff_level *level, gd_error *error)
{
    if (fd < 0) {
        tiff->base.system_error = errno;
        return gd_sink_failed(&tiff->base, error);
    }
    errno = 0;
    level->file = TIFFFdOpenExt(fd, tiff->base.path, big ? "wl8" : "wl", tiff->handlers);
    if (!level->file) {
        close(fd);
        return gd_sink_failed(&tiff->base, error);
    }
    return gd_tiff_page_set(level->file, &level->page) ? GD_OK : gd_sink_failed(&tiff->base, error);
}

/* What the first page alone has. */
static gd_status set_words(tiff_sink *tiff, const gd_writer_options *options, gd_error *error)
{
    TIFF *file = tiff->levels[0].file;
    const gd_profile *profile = options->profile;
    bool set = true;
    if (options->text && options->text[0])
        set = TIFFSetField(file, TIFFTAG_IMAGEDESCRIPTION, options->text);
    if (set && profile && profile->icc)
        set = TIFFSetField(file, TIFFTAG_ICCPROFILE, (uint32_t)profile->icc_bytes, profile->icc);
    return set ? GD_OK : gd_sink_failed(&tiff->base, error);
}

/* Viewers want a resolution; 72 dots per inch stands for an unknown one. */
static gd_tiff_page first_page(const gd_writer_options *options)
{
    const double unknown = 72.0;
    const gd_profile *profile = options->profile;
    const bool known = profile && profile->dpi_x > 0.0 && profile->dpi_y > 0.0;
    return (gd_tiff_page){.rows = options->rows,
                          .cols = options->cols,
                          .bits = options->bits,
                          .compression = options->compression,
                          .dpi_x = known ? profile->dpi_x : unknown,
                          .dpi_y = known ? profile->dpi_y : unknown};
}

static gd_status open_levels(tiff_sink *tiff, const gd_sink_place *place, const gd_writer_options *options,
                             gd_error *error)
{
    gd_tiff_page page = first_page(options);
    gd_status status = GD_OK;
    bool last = false;
    while (status == GD_OK && !last) {
        gd_tiff_level *level = &tiff->levels[tiff->count];
        last = !options->pyramid || !gd_tiff_page_goes_on(page.rows, page.cols);
        const bool first = tiff->count++ == 0;
        if (!gd_tiff_level_create(level, &page, last))
            return gd_fail(error, GD_MEMORY, "%s: no memory for a row of %lld tiles", place->path,
                           (long long)level->across);
        if (first)
            status = open_level(tiff, dup(place->fd), needs_big(options), level, error);
        else
            status = open_level(tiff, gd_sink_spill(place->part), true, level, error);
        page = gd_tiff_page_half(&page);
    }
    return status == GD_OK ? set_words(tiff, options, error) : status;
}

gd_status gd_tiff_create(const gd_sink_place *place, const gd_writer_options *options, gd_sink **sink,
                         gd_error *error)
{
    tiff_sink *tiff = calloc(1, sizeof *tiff);
    TIFFOpenOptions *handlers = tiff ? TIFFOpenOptionsAlloc() : NULL;
    if (!handlers) {
        free(tiff);
        return gd_fail(error, GD_MEMORY, "%s: no memory to write it", place->path);
    }
    tiff->base = (gd_sink){.class = &TIFF_CLASS,
                           .path = place->path,
                           .rows = options->rows,
                           .cols = options->cols,
                           .bits = options->bits};
    tiff->handlers = handlers;
    TIFFOpenOptionsSetErrorHandlerExtR(handlers, on_error, tiff);
    gd_tiff_drop_warnings(handlers);
    gd_status status = open_levels(tiff, place, options, error);
    if (status != GD_OK) {
        tiff_close(&tiff->base);
        return status;
    }
    *sink = &tiff->base;
    return GD_OK;
}
