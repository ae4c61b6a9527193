/* Compresses single tiles with libtiff, through a file in memory. */
#include "image/tiff/tiff_encode.h"

#include "image/tiff/tiff_quiet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file in memory that holds one tile. */
struct gd_tiff_encoder {
    TIFFOpenOptions *handlers; /* owned */
    uint8_t *data;             /* owned; [capacity] the file, of which `end` bytes are written */
    size_t capacity, end, at;
    bool failed;
    char cause[256];
};

static size_t tile_bytes(int32_t bits)
{
    return (size_t)GD_TIFF_TILE * GD_TIFF_TILE * 3 * (size_t)(bits / 8);
}

size_t gd_tiff_encoded_most(int32_t bits)
{
    return 3 * tile_bytes(bits);
}

static int on_error(TIFF *file, void *data, const char *module, const char *format, va_list args)
{
    (void)file;
    (void)module;
    gd_tiff_encoder *encoder = data;
    if (!encoder->failed)
        vsnprintf(encoder->cause, sizeof encoder->cause, format, args);
    encoder->failed = true;
    return 1;
}

gd_tiff_encoder *gd_tiff_encoder_create(int32_t bits)
{
    enum { HEADER = 64 }; /* maximum bytes before the tile; libtiff writes 16 */
    gd_tiff_encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder)
        return NULL;
    encoder->capacity = gd_tiff_encoded_most(bits) + HEADER;
    encoder->data = malloc(encoder->capacity);
    encoder->handlers = TIFFOpenOptionsAlloc();
    if (!encoder->data || !encoder->handlers) {
        gd_tiff_encoder_free(encoder);
        return NULL;
    }
    TIFFOpenOptionsSetErrorHandlerExtR(encoder->handlers, on_error, encoder);
    gd_tiff_drop_warnings(encoder->handlers);
    return encoder;
}

void gd_tiff_encoder_free(gd_tiff_encoder *encoder)
{
    if (!encoder)
        return;
    if (encoder->handlers)
        TIFFOpenOptionsFree(encoder->handlers);
    free(encoder->data);
    free(encoder);
}

/* The file is never read. */
static tmsize_t read_nothing(thandle_t file, void *values, tmsize_t bytes)
{
    (void)file;
    (void)values;
    (void)bytes;
    return -1;
}

static tmsize_t write_bytes(thandle_t file, void *values, tmsize_t bytes)
{
    gd_tiff_encoder *encoder = (gd_tiff_encoder *)file;
    if (encoder->at > encoder->capacity || (size_t)bytes > encoder->capacity - encoder->at) {
        errno = ENOSPC;
        return -1;
    }
    memcpy(encoder->data + encoder->at, values, (size_t)bytes);
    encoder->at += (size_t)bytes;
    encoder->end = encoder->at > encoder->end ? encoder->at : encoder->end;
    return bytes;
}

static toff_t seek(thandle_t file, toff_t offset, int whence)
{
    gd_tiff_encoder *encoder = (gd_tiff_encoder *)file;
    const size_t from = whence == SEEK_END ? encoder->end : whence == SEEK_CUR ? encoder->at : 0;
    return encoder->at = from + (size_t)offset;
}

static toff_t length(thandle_t file)
{
    return ((const gd_tiff_encoder *)file)->end;
}

static int close_nothing(thandle_t file)
{
    (void)file;
    return 0;
}

/* Describes a page that consists of this tile. */
static gd_tiff_page page_of_tile(const gd_tiff_page *page)
{
    gd_tiff_page tile = *page;
    tile.rows = gd_tiff_tile(page->compression, page->rows);
    tile.cols = gd_tiff_tile(page->compression, page->cols);
    return tile;
}

bool gd_tiff_encode(gd_tiff_encoder *encoder, const gd_tiff_page *page, const void *samples,
                    const void **data, size_t *bytes)
{
    const gd_tiff_page tile = page_of_tile(page);
    const size_t size = (size_t)(tile.rows * tile.cols * 3) * (size_t)(tile.bits / 8);
    encoder->at = encoder->end = 0;
    encoder->failed = false;
    snprintf(encoder->cause, sizeof encoder->cause, "libtiff gives no reason");
    *data = NULL;
    TIFF *file = TIFFClientOpenExt("tile", "wl", encoder, read_nothing, write_bytes, seek, close_nothing,
                                   length, NULL, NULL, encoder->handlers);
    if (!file)
        return false;
    if (gd_tiff_page_set(file, &tile) &&
        TIFFWriteEncodedTile(file, 0, (void *)samples, (tmsize_t)size) == (tmsize_t)size &&
        !encoder->failed) {
        *data = encoder->data + TIFFGetStrileOffset(file, 0);
        *bytes = TIFFGetStrileByteCount(file, 0);
    }
    TIFFCleanup(file); /* unlike TIFFClose, writes no directory */
    return *data != NULL;
}

const char *gd_tiff_encoder_cause(const gd_tiff_encoder *encoder)
{
    return encoder->cause;
}
