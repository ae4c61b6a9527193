/* Writes TIFFs with libtiff: a page of tiles and, for a pyramid, pages of half the size each. A page's
 * directory can only be written after its tiles. The smaller pages are made at the same time as the first
 * one, so their compressed tiles are buffered in nameless files, and copied behind the first page at the end.
 */
#include "image/encoder.h"
#include "image/tiff/tiff_columns.h"
#include "image/tiff/tiff_page.h"
#include "image/tiff/tiff_quiet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct page_file {
    gd_tiff_page page;
    TIFF *file;    /* owned; its page is described. The picture's file, or one that buffers tiles */
    int64_t tiles; /* tiles written */
} page_file;

typedef struct tiff_encoder {
    gd_encoder base;
    TIFFOpenOptions *handlers; /* owned */
    bool failed;
    int32_t count;
    page_file pages[GD_TIFF_PAGES_MAX]; /* [count] */
    void *icc;                          /* owned; [icc_bytes], of each page; NULL: none */
    size_t icc_bytes;
    gd_tiff_columns *rest; /* owned; of the pages that are made from rows; NULL: none */
} tiff_encoder;

static int on_error(TIFF *file, void *data, const char *module, const char *format, va_list args)
{
    (void)file;
    (void)module;
    tiff_encoder *tiff = data;
    if (!tiff->failed) {
        tiff->base.system_error = errno;
        vsnprintf(tiff->base.cause, sizeof tiff->base.cause, format, args);
    }
    tiff->failed = true;
    return 1;
}

/* Updates the number of complete rows after the last tile of a row of tiles. */
static void note_tile(tiff_encoder *tiff, int64_t number)
{
    const gd_tiff_page *page = &tiff->pages[0].page;
    const int64_t width = gd_tiff_tile(page->compression, page->cols);
    const int64_t across = (page->cols + width - 1) / width;
    const int64_t end = (number + 1) / across * gd_tiff_tile(page->compression, page->rows);
    if ((number + 1) % across == 0)
        tiff->base.tiled_next = end < page->rows ? end : page->rows;
}

static gd_status tiff_tile(gd_encoder *encoder, int32_t page, int64_t number, const void *data, size_t bytes,
                           gd_error *error)
{
    tiff_encoder *tiff = (tiff_encoder *)encoder;
    if (page < 0 || page >= tiff->count || number < 0 ||
        number >= (int64_t)TIFFNumberOfTiles(tiff->pages[page].file))
        return gd_fail(error, GD_INTERNAL, "%s: tile %lld of page %d was to be written", encoder->path,
                       (long long)number, page);
    page_file *to = &tiff->pages[page];
    errno = 0;
    if (TIFFWriteRawTile(to->file, (uint32_t)number, (void *)data, (tmsize_t)bytes) != (tmsize_t)bytes ||
        tiff->failed)
        return gd_encoder_failed(encoder, error);
    to->tiles++;
    if (page == 0)
        note_tile(tiff, number);
    return GD_OK;
}

static gd_status tile_of_rest(void *context, int32_t page, int64_t number, const void *data, size_t bytes,
                              gd_error *error)
{
    return tiff_tile(context, page, number, data, bytes, error);
}

static gd_status tiff_row(gd_encoder *encoder, const void *samples, gd_error *error)
{
    return gd_tiff_columns_row(((tiff_encoder *)encoder)->rest, samples, error);
}

/* Copies the buffered tiles to the current page of `file`. False: libtiff has reported the reason to its
 * error handler, or *memory is false: out of memory. */
static bool copy_tiles(TIFF *from, TIFF *file, bool *memory)
{
    const uint32_t tiles = TIFFNumberOfTiles(from);
    uint64_t capacity = 0;
    uint8_t *data = NULL;
    bool copied = true;
    for (uint32_t i = 0; copied && i < tiles; i++) {
        const uint64_t bytes = TIFFGetStrileByteCount(from, i);
        if (bytes > capacity) {
            free(data);
            capacity = bytes;
            data = malloc(capacity);
        }
        *memory = data != NULL;
        copied = *memory && TIFFReadRawTile(from, i, data, (tmsize_t)bytes) == (tmsize_t)bytes &&
                 TIFFWriteRawTile(file, i, data, (tmsize_t)bytes) == (tmsize_t)bytes;
    }
    free(data);
    return copied;
}

/* Adds the profile to every page, because viewers use only the profile of the page that they show. */
static bool set_profile(const tiff_encoder *tiff, TIFF *file)
{
    return !tiff->icc || TIFFSetField(file, TIFFTAG_ICCPROFILE, (uint32_t)tiff->icc_bytes, tiff->icc);
}

static void close_page(page_file *page)
{
    if (page->file)
        TIFFClose(page->file);
    page->file = NULL;
}

/* Appends a page to the file. */
static gd_status add_page(tiff_encoder *tiff, int32_t number, gd_error *error)
{
    const page_file *page = &tiff->pages[number];
    TIFF *file = tiff->pages[0].file;
    bool memory = true, written = true;
    if (page->tiles != (int64_t)TIFFNumberOfTiles(page->file))
        return gd_fail(error, GD_INTERNAL, "%s: only %lld of %lld tiles of page %d were written",
                       tiff->base.path, (long long)page->tiles, (long long)TIFFNumberOfTiles(page->file),
                       number);
    if (number > 0)
        written = gd_tiff_page_set(file, &page->page) && set_profile(tiff, file) &&
                  copy_tiles(page->file, file, &memory);
    if (!memory)
        return gd_no_memory(error, "a tile of %s", tiff->base.path);
    if (!written || !TIFFWriteDirectory(file) || tiff->failed)
        return gd_encoder_failed(&tiff->base, error);
    return GD_OK;
}

static gd_status tiff_finish(gd_encoder *encoder, gd_error *error)
{
    tiff_encoder *tiff = (tiff_encoder *)encoder;
    gd_status status = GD_OK;
    errno = 0;
    for (int32_t i = 0; status == GD_OK && i < tiff->count; i++) {
        status = add_page(tiff, i, error);
        if (i > 0)
            close_page(&tiff->pages[i]);
    }
    if (status != GD_OK)
        return status;
    close_page(&tiff->pages[0]);
    return tiff->failed ? gd_encoder_failed(encoder, error) : GD_OK;
}

static void tiff_close(gd_encoder *encoder)
{
    tiff_encoder *tiff = (tiff_encoder *)encoder;
    for (int32_t i = 0; i < tiff->count; i++)
        close_page(&tiff->pages[i]);
    gd_tiff_columns_free(tiff->rest);
    free(tiff->icc);
    if (tiff->handlers)
        TIFFOpenOptionsFree(tiff->handlers);
    free(tiff);
}

static const gd_encoder_class TIFF_CLASS = {
    .row = tiff_row, .tile = tiff_tile, .finish = tiff_finish, .close = tiff_close};

/* A classic TIFF is limited to 4 GB; the slack is for the overhead of compression, tables and text. */
static const int64_t classic_bytes = (INT64_C(1) << 32) - (INT64_C(1) << 27);

static bool needs_big(const gd_writer_options *options)
{
    const double bytes = gd_tiff_growth(options->compression) * (double)gd_tiff_bytes(options) +
                         (double)gd_tiff_profile_bytes(options);
    if (options->bigtiff == GD_BIGTIFF_AUTO)
        return bytes > (double)classic_bytes;
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

static gd_status tiff_check(const char *path, const gd_writer_options *options, gd_error *error)
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

/* Takes ownership of `fd`. */
static gd_status open_page(tiff_encoder *tiff, int fd, bool big, page_file *page, gd_error *error)
{
    if (fd < 0) {
        tiff->base.system_error = errno;
        return gd_encoder_failed(&tiff->base, error);
    }
    errno = 0;
    page->file = TIFFFdOpenExt(fd, tiff->base.path, big ? "wl8" : "wl", tiff->handlers);
    if (!page->file) {
        close(fd);
        return gd_encoder_failed(&tiff->base, error);
    }
    return gd_tiff_page_set(page->file, &page->page) ? GD_OK : gd_encoder_failed(&tiff->base, error);
}

static gd_status set_words(tiff_encoder *tiff, const gd_writer_options *options, gd_error *error)
{
    TIFF *file = tiff->pages[0].file;
    bool set = true;
    if (options->text && options->text[0]) /* only on the first page */
        set = TIFFSetField(file, TIFFTAG_IMAGEDESCRIPTION, options->text);
    return set && set_profile(tiff, file) ? GD_OK : gd_encoder_failed(&tiff->base, error);
}

static gd_status keep_profile(tiff_encoder *tiff, const gd_profile *profile, gd_error *error)
{
    if (!profile || !profile->icc)
        return GD_OK;
    tiff->icc_bytes = profile->icc_bytes;
    tiff->icc = malloc(profile->icc_bytes + 1);
    if (!tiff->icc)
        return gd_no_memory(error, "the colour profile of %s", tiff->base.path);
    memcpy(tiff->icc, profile->icc, profile->icc_bytes);
    return GD_OK;
}

static gd_status open_pages(tiff_encoder *tiff, const gd_encoder_place *place,
                            const gd_writer_options *options, gd_error *error)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t count = gd_tiff_pages(options, pages);
    gd_status status = GD_OK;
    for (int32_t i = 0; i < count && status == GD_OK; i++) {
        page_file *page = &tiff->pages[tiff->count++];
        page->page = pages[i];
        if (i == 0)
            status = open_page(tiff, dup(place->fd), needs_big(options), page, error);
        else
            status = open_page(tiff, gd_target_spill(place->target), true, page, error);
    }
    return status == GD_OK ? set_words(tiff, options, error) : status;
}

/* Prepares the pages that are made from rows. */
static gd_status open_rest(tiff_encoder *tiff, const gd_writer_options *options, gd_error *error)
{
    const int32_t tiled = options->tiled_pages, count = tiff->count - tiled;
    const gd_tiff_page *first = count > 0 ? &tiff->pages[tiled].page : NULL;
    gd_encoder *base = &tiff->base;
    base->rows = first ? first->rows : 0;
    base->cols = first ? first->cols : 0;
    base->tiled_rows = tiled > 0 ? options->rows : 0;
    if (!first)
        return GD_OK;
    const gd_tiff_columns_place place = {.first_page = tiled, .pages = count, .cols = first->cols};
    const gd_tiff_columns_hooks hooks = {.context = tiff, .tile = tile_of_rest};
    return gd_tiff_columns_create(base->path, options, &place, &hooks, &tiff->rest, error);
}

static gd_status tiff_open(const gd_encoder_place *place, const gd_writer_options *options,
                           gd_encoder **encoder, gd_error *error)
{
    tiff_encoder *tiff = calloc(1, sizeof *tiff);
    TIFFOpenOptions *handlers = tiff ? TIFFOpenOptionsAlloc() : NULL;
    if (!handlers) {
        free(tiff);
        return gd_no_memory(error, "writing %s", place->path);
    }
    tiff->base = (gd_encoder){.class = &TIFF_CLASS, .path = place->path, .bits = options->bits};
    tiff->base.tiled_rows = tiff->base.rows = options->rows;
    tiff->handlers = handlers;
    TIFFOpenOptionsSetErrorHandlerExtR(handlers, on_error, tiff);
    gd_tiff_drop_warnings(handlers);
    gd_status status = keep_profile(tiff, options->profile, error);
    if (status == GD_OK)
        status = open_pages(tiff, place, options, error);
    if (status == GD_OK)
        status = open_rest(tiff, options, error);
    if (status != GD_OK) {
        tiff_close(&tiff->base);
        return status;
    }
    *encoder = &tiff->base;
    return GD_OK;
}

enum {
    PAGE_MORE = 8 << 10, /* a page's directory, and the unused part of its file's last block */
    TILE_MORE = 1 << 10  /* a tile's entries in the tables, and the codec's header, at most JPEG's tables */
};

static double page_bytes(const gd_tiff_page *page)
{
    const double growth = gd_tiff_growth(page->compression);
    return growth * (double)gd_tiff_page_bytes(page) + TILE_MORE * (double)gd_tiff_page_tiles(page) +
           PAGE_MORE;
}

/* Each smaller page is buffered in its own file, which is freed after it was copied. The maximum is reached
 * when the largest of them exists twice. */
static double tiff_pixel_bytes(const gd_writer_options *options)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t count = gd_tiff_pages(options, pages);
    double sum = count > 1 ? page_bytes(&pages[1]) : 0;
    for (int32_t i = 0; i < count; i++)
        sum += page_bytes(&pages[i]);
    return sum;
}

static double tiff_disk_bytes(const gd_writer_options *options)
{
    return tiff_pixel_bytes(options) + (double)gd_tiff_profile_bytes(options);
}

const gd_encoder_format gd_encoder_tiff = {
    .open = tiff_open, .check = tiff_check, .disk_bytes = tiff_disk_bytes};
