/* Opens a picture by its first bytes and reads it as rows of float32, upright and, if wanted, resampled. */
#include "image/reader.h"

#include "image/colour.h"
#include "image/decoder.h"
#include "image/foreign.h"
#include "image/resize.h"
#include "image/upright.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TURNED_MOST = 64 << 20 }; /* maximum bytes of a picture that is turned upright in memory */

struct gd_reader {
    gd_picture_info info; /* its profile and warning are those of `decoder` */
    char *path, *folder;  /* owned */
    gd_decoder *decoder;  /* owned */
    int fd;               /* owned; of the same file as the decoder's */
    void *row;            /* owned; [decoder->cols, 3] samples */
    float *table;         /* owned; see gd_colour_settle; NULL: samples are not converted */
    size_t early;         /* bytes of the warnings after opening */
    gd_resize *resize;    /* owned; NULL: no resampling */
    int64_t next;         /* the caller's next row */
};

typedef gd_status open_function(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                                gd_error *error);

/* Recognises the format by its first bytes. */
static open_function *format_of(const uint8_t *head, size_t bytes)
{
    if (gd_foreign_find(head, bytes))
        return NULL; /* some formats begin like a supported one */
    static const struct {
        size_t at;
        const char *magic;
        size_t bytes;
        open_function *open;
    } formats[] = {
        {0, "\xFF\xD8\xFF", 3, gd_jpeg_open}, {0, "\x89PNG\r\n\x1A\n", 8, gd_png_open},
        {0, "II\x2A\0", 4, gd_tiff_open},     {0, "MM\0\x2A", 4, gd_tiff_open},
        {0, "II\x2B\0", 4, gd_tiff_open},     {0, "MM\0\x2B", 4, gd_tiff_open},
        {8, "WEBP", 4, gd_webp_open},         {4, "ftyp", 4, gd_heif_open}, /* the others are foreign */
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const size_t end = formats[i].at + formats[i].bytes;
        if (bytes >= end && memcmp(head + formats[i].at, formats[i].magic, formats[i].bytes) == 0)
            return formats[i].open;
    }
    return NULL;
}

static gd_status refuse_format(const char *path, const uint8_t *head, size_t bytes, gd_error *error)
{
    const gd_foreign *foreign = gd_foreign_find(head, bytes);
    if (bytes == 0)
        return gd_fail(error, GD_USAGE, "%s: is empty; name a JPEG, PNG, TIFF, WebP, HEIC or AVIF", path);
    if (foreign)
        return gd_fail(error, GD_USAGE, "%s is %s, which is not read; convert it first: %s", path,
                       foreign->what, foreign->command);
    return gd_fail(
        error, GD_USAGE,
        "%s: is not a JPEG, PNG, TIFF, WebP, HEIC or AVIF (by its first bytes); convert it to one of "
        "them",
        path);
}

static gd_status open_decoder(gd_reader *reader, gd_allowance *allowance, gd_error *error)
{
    const char *path = reader->path;
    gd_status status =
        gd_file_open_input(path, "name a JPEG, PNG, TIFF, WebP, HEIC or AVIF", &reader->fd, error);
    if (status == GD_OK)
        status = gd_file_identify(reader->fd, path, &reader->info.file, error);
    if (status != GD_OK)
        return status;
    FILE *file = gd_file_stream(reader->fd, "r");
    if (!file)
        return gd_no_memory(error, "reading %s", path);
    uint8_t head[GD_FOREIGN_HEAD];
    size_t bytes = fread(head, 1, sizeof head, file);
    open_function *open = format_of(head, bytes);
    if (!open) {
        fclose(file);
        return refuse_format(path, head, bytes, error);
    }
    rewind(file);
    const uint64_t left = allowance ? allowance->left : 0;
    status = open(path, file, allowance, &reader->decoder, error);
    if (allowance && allowance->refused) /* also if the library ignored an allocation that failed */
        return gd_allowance_refuse(allowance, path, error);
    if (status == GD_OK && allowance) {
        reader->decoder->allowance = NULL; /* the plan counts held_bytes and the profile instead */
        allowance->left = left;
    }
    return status;
}

gd_status gd_reader_open(const char *path, const char *folder, gd_allowance *allowance, gd_reader **reader,
                         gd_error *error)
{
    *reader = NULL;
    gd_reader *r = calloc(1, sizeof *r);
    gd_status status = GD_OK;
    if (r)
        r->fd = -1;
    if (!r || !(r->path = strdup(path)) || !(r->folder = strdup(folder ? folder : ""))) {
        status = gd_no_memory(error, "reading %s", path);
        goto cleanup;
    }
    status = open_decoder(r, allowance, error);
    if (status == GD_OK)
        gd_colour_settle(r->decoder, &r->table);
    if (status == GD_OK)
        status = gd_decoder_upright(&r->decoder, r->folder[0] ? r->folder : NULL, TURNED_MOST, error);
    if (status != GD_OK)
        goto cleanup;
    gd_decoder *decoder = r->decoder;
    const size_t row_bytes = (size_t)decoder->cols * 3 * (size_t)(decoder->bits / 8);
    r->row = malloc(row_bytes);
    if (!r->row) {
        status = gd_no_memory(error, "%s: a row of %lld pixels", path, (long long)decoder->cols);
        goto cleanup;
    }
    r->early = strlen(decoder->warning);
    r->info = (gd_picture_info){.file = r->info.file,
                                .rows = decoder->rows,
                                .cols = decoder->cols,
                                .bits = decoder->bits,
                                .profile = decoder->profile,
                                .held_bytes = decoder->held + row_bytes,
                                .waiting_bytes = decoder->waiting,
                                .warning = decoder->warning[0] ? decoder->warning : NULL};
    *reader = r;
    return GD_OK;
cleanup:
    gd_reader_close(r);
    return status;
}

const gd_picture_info *gd_reader_info(const gd_reader *reader)
{
    return &reader->info;
}

gd_status gd_reader_check(const gd_reader *reader, const gd_file_identity *first, gd_error *error)
{
    gd_file_identity now;
    const gd_status status = gd_file_identify(reader->fd, reader->path, &now, error);
    if (status != GD_OK || gd_file_same(&now, first))
        return status;
    return gd_fail(error, GD_USAGE,
                   "%s: is not the file that it was at the start, or was written to since; leave it alone "
                   "until the picture is there, and start again",
                   reader->path);
}

const char *gd_reader_late_warning(const gd_reader *reader)
{
    const char *late = reader->decoder->warning + reader->early;
    return late + strspn(late, "; ");
}

static void convert_row(const gd_reader *reader, float *rgb)
{
    const gd_decoder *decoder = reader->decoder;
    const uint8_t *bytes = reader->row;
    const uint16_t *words = reader->row;
    for (int64_t i = 0; i < 3 * decoder->cols; i++)
        rgb[i] = reader->table[3 * (decoder->bits == 8 ? bytes[i] : words[i]) + i % 3];
}

/* Reads one row at the file's size. */
static gd_status native_row(void *context, float *rgb, gd_error *error)
{
    gd_reader *reader = context;
    gd_decoder *decoder = reader->decoder;
    gd_status status = decoder->class->row(decoder, reader->row, error);
    if (status != GD_OK)
        return status;
    decoder->next++;
    if (reader->table) {
        convert_row(reader, rgb);
        return GD_OK;
    }
    const uint8_t *bytes = reader->row;
    const uint16_t *words = reader->row;
    if (decoder->bits == 8) {
        for (int64_t i = 0; i < 3 * decoder->cols; i++)
            rgb[i] = bytes[i] / 127.5f - 1.0f;
    } else {
        for (int64_t i = 0; i < 3 * decoder->cols; i++)
            rgb[i] = words[i] / 32767.5f - 1.0f;
    }
    return GD_OK;
}

gd_status gd_reader_rows(gd_reader *reader, int64_t count, float *rgb, gd_error *error)
{
    if (count > reader->info.rows - reader->next)
        return gd_fail(error, GD_INTERNAL, "%s: row %lld of %lld was requested", reader->path,
                       (long long)(reader->next + count), (long long)reader->info.rows);
    for (int64_t i = 0; i < count; i++) {
        float *row = rgb + i * reader->info.cols * 3;
        gd_status status =
            reader->resize ? gd_resize_row(reader->resize, row, error) : native_row(reader, row, error);
        if (status != GD_OK)
            return status;
        reader->next++;
    }
    return GD_OK;
}

gd_status gd_reader_open_resized(const char *path, const char *folder, int64_t rows, int64_t cols,
                                 gd_reader **reader, gd_error *error)
{
    gd_status status = gd_reader_open(path, folder, NULL, reader, error);
    if (status != GD_OK)
        return status;
    gd_reader *r = *reader;
    if (rows == r->info.rows && cols == r->info.cols)
        return GD_OK;
    gd_resize_input input = {.rows = r->info.rows, .cols = r->info.cols, .row = native_row, .context = r};
    status = gd_resize_create(&input, rows, cols, &r->resize, error);
    if (status != GD_OK) {
        gd_reader_close(r);
        *reader = NULL;
        return status;
    }
    r->info.rows = rows;
    r->info.cols = cols;
    return GD_OK;
}

void gd_reader_close(gd_reader *reader)
{
    if (!reader)
        return;
    gd_resize_free(reader->resize);
    gd_decoder_close(reader->decoder);
    if (reader->fd >= 0)
        close(reader->fd);
    free(reader->row);
    free(reader->table);
    free(reader->path);
    free(reader->folder);
    free(reader);
}
