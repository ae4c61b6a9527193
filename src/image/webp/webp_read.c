/* Reads WebP pictures with libwebp, which decodes them as a whole. */
#include "image/decoder.h"

#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

typedef struct webp_reader {
    gd_decoder base;
    WebPData file;      /* owned */
    WebPDemuxer *parts; /* owned; of `file` */
    uint8_t *picture;   /* owned; [rows, cols, 3]; NULL until the first row is read */
} webp_reader;

static gd_status decode(webp_reader *reader, gd_error *error)
{
    gd_decoder *decoder = &reader->base;
    const size_t row_bytes = (size_t)decoder->cols * 3, bytes = row_bytes * (size_t)decoder->rows;
    WebPIterator frame;
    reader->picture = malloc(bytes);
    if (!reader->picture)
        return gd_no_memory(error, "%s: %lld x %lld pixels", decoder->path, (long long)decoder->cols,
                            (long long)decoder->rows);
    if (!WebPDemuxGetFrame(reader->parts, 1, &frame))
        return gd_decoder_damaged(decoder, "", error);
    const bool decoded =
        WebPDecodeRGBInto(frame.fragment.bytes, frame.fragment.size, reader->picture, bytes, (int)row_bytes);
    WebPDemuxReleaseIterator(&frame);
    return decoded ? GD_OK : gd_decoder_damaged(decoder, "", error);
}

static gd_status webp_row(gd_decoder *decoder, void *row, gd_error *error)
{
    webp_reader *reader = (webp_reader *)decoder;
    const size_t row_bytes = (size_t)decoder->cols * 3;
    const gd_status status = reader->picture ? GD_OK : decode(reader, error);
    if (status == GD_OK)
        memcpy(row, reader->picture + (size_t)decoder->next * row_bytes, row_bytes);
    return status;
}

static void webp_close(gd_decoder *decoder)
{
    webp_reader *reader = (webp_reader *)decoder;
    WebPDemuxDelete(reader->parts);
    free((void *)reader->file.bytes);
    free(reader->picture);
    free(reader);
}

static const gd_decoder_class WEBP_CLASS = {.row = webp_row, .close = webp_close};

/* libwebp's buffers: of some rows; a lossless picture, or plane of transparency, whole in 4 bytes a pixel and
 * the plane in one. */
static uint64_t library_bytes(const gd_decoder *decoder, const WebPBitstreamFeatures *features)
{
    enum { LOSSLESS = 2, OF_A_COLUMN = 160, FIXED = 1 << 20 };
    const uint64_t pixels = (uint64_t)decoder->rows * (uint64_t)decoder->cols;
    const uint64_t whole = features->format == LOSSLESS ? 4 : features->has_alpha ? 5 : 0;
    return FIXED + (uint64_t)decoder->cols * OF_A_COLUMN + whole * pixels;
}

static gd_status refuse(const webp_reader *reader, gd_error *error)
{
    return gd_fail(error, GD_USAGE, "%s: its header cannot be read, or it ends early; the file is damaged",
                   reader->base.path);
}

static gd_status read_header(webp_reader *reader, gd_error *error)
{
    gd_decoder *decoder = &reader->base;
    WebPBitstreamFeatures features;
    WebPIterator frame;
    reader->parts = WebPDemux(&reader->file);
    if (!reader->parts)
        return refuse(reader, error);
    if (WebPDemuxGetI(reader->parts, WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG)
        return gd_fail(error, GD_USAGE,
                       "%s: is an animation; convert one of its frames: magick 'IN[0]' OUT.png",
                       decoder->path);
    if (!WebPDemuxGetFrame(reader->parts, 1, &frame))
        return refuse(reader, error);
    const VP8StatusCode code = WebPGetFeatures(frame.fragment.bytes, frame.fragment.size, &features);
    WebPDemuxReleaseIterator(&frame);
    if (code != VP8_STATUS_OK)
        return refuse(reader, error);
    decoder->rows = features.height;
    decoder->cols = features.width;
    if (features.has_alpha)
        gd_decoder_warn(decoder, "its transparency was ignored");
    decoder->held = reader->file.size + library_bytes(decoder, &features) +
                    (uint64_t)decoder->rows * (uint64_t)decoder->cols * 3;
    return gd_decoder_check_size(decoder->path, decoder->rows, decoder->cols, error);
}

static gd_status read_metadata(webp_reader *reader, gd_error *error)
{
    gd_decoder *decoder = &reader->base;
    WebPChunkIterator chunk;
    gd_status status = GD_OK;
    if (WebPDemuxGetChunk(reader->parts, "EXIF", 1, &chunk)) {
        status = gd_decoder_take_exif(decoder, chunk.chunk.bytes, chunk.chunk.size, error);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    if (status == GD_OK && WebPDemuxGetChunk(reader->parts, "ICCP", 1, &chunk)) {
        status = gd_decoder_keep_icc(decoder, chunk.chunk.bytes, chunk.chunk.size, error);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    return status;
}

gd_status gd_webp_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error)
{
    webp_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        fclose(file);
        return gd_no_memory(error, "reading %s", path);
    }
    reader->base =
        (gd_decoder){.class = &WEBP_CLASS, .path = path, .allowance = allowance, .bits = 8, .orientation = 1};
    uint8_t *bytes = NULL;
    gd_status status = gd_decoder_read_file(&reader->base, file, &bytes, &reader->file.size, error);
    reader->file.bytes = bytes;
    if (status == GD_OK)
        status = read_header(reader, error);
    if (status == GD_OK)
        status = read_metadata(reader, error);
    if (status != GD_OK) {
        gd_decoder_close(&reader->base);
        return status;
    }
    *decoder = &reader->base;
    return GD_OK;
}
