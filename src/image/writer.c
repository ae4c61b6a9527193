/* Checks, opens and writes pictures: picks the encoder, quantises rows, and renames the finished file. */
#include "image/writer.h"

#include "base/target_resolve.h"
#include "image/encoder.h"
#include "image/limits.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    JPEG_SIDE_MAX = 65500,
    TEXT_BYTES = 64 << 10 /* of disk, for the text field and the file's header */
};

struct gd_writer {
    char *path;        /* owned; as given by the user */
    gd_target *target; /* borrowed: the caller's, or `own` */
    gd_target own;
    gd_encoder *encoder; /* owned */
    void *samples;       /* owned; a row, [cols, 3] */
};

static const gd_encoder_format *format_of(gd_file_kind kind)
{
    static const gd_encoder_format *const formats[] = {[GD_FILE_TIFF] = &gd_encoder_tiff,
                                                       [GD_FILE_JPEG] = &gd_encoder_jpeg,
                                                       [GD_FILE_PNG] = &gd_encoder_png};
    return formats[kind];
}

static gd_status check_format(const char *path, const gd_writer_options *options, gd_error *error)
{
    int64_t side = options->rows > options->cols ? options->rows : options->cols;
    if (options->rows < 1 || options->cols < 1 || side > GD_PICTURE_SIDE_MAX)
        return gd_fail(error, GD_USAGE, "%s: %lld x %lld pixels cannot be written; sides go from 1 to %d",
                       path, (long long)options->cols, (long long)options->rows, GD_PICTURE_SIDE_MAX);
    if (options->kind == GD_FILE_JPEG && side > JPEG_SIDE_MAX)
        return gd_fail(
            error, GD_USAGE,
            "%s: JPEG holds at most %d pixels a side, and the picture has %lld x %lld; name a .tif or "
            ".png instead",
            path, JPEG_SIDE_MAX, (long long)options->cols, (long long)options->rows);
    if (options->bits != 8 && (options->bits != 16 || options->kind == GD_FILE_JPEG))
        return gd_fail(error, GD_USAGE,
                       "%s: %d bits a channel cannot be written; TIFF and PNG hold 8 or 16, JPEG 8", path,
                       options->bits);
    const gd_encoder_format *format = format_of(options->kind);
    return format->check ? format->check(path, options, error) : GD_OK;
}

double gd_writer_disk_bytes(const gd_writer_options *options)
{
    return TEXT_BYTES + format_of(options->kind)->disk_bytes(options);
}

static gd_status check_space(const gd_target *target, const gd_writer_options *options, gd_error *error)
{
    const double mib = 1048576.0;
    struct statvfs disk;
    if (fstatvfs(target->folder, &disk) != 0)
        return gd_fail(error, GD_USAGE, "%s: the free space of its disk cannot be determined: %s",
                       target->path, strerror(errno));
    double needed = gd_writer_disk_bytes(options) / mib;
    double left = (double)disk.f_bavail * (double)disk.f_frsize / mib;
    if (needed <= left)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%s: may need %.0f MiB, and its disk has room for %.0f MiB; make room, or name another folder",
        target->path, ceil(needed), floor(left));
}

gd_status gd_writer_check(const char *path, const gd_writer_options *options, gd_error *error)
{
    gd_target target;
    gd_status status = check_format(path, options, error);
    if (status != GD_OK)
        return status;
    status = gd_target_resolve(path, GD_TARGET_FOLLOW, &target, error);
    if (status == GD_OK)
        status = gd_target_check(&target, error);
    if (status == GD_OK)
        status = check_space(&target, options, error);
    gd_target_release(&target);
    return status;
}

static gd_status open_encoder(gd_writer *writer, const gd_writer_options *options, gd_error *error)
{
    const gd_encoder_place place = {.path = writer->path, .target = writer->target, .fd = writer->target->fd};
    gd_status status = format_of(options->kind)->open(&place, options, &writer->encoder, error);
    if (status != GD_OK)
        return status;
    const gd_encoder *encoder = writer->encoder;
    writer->samples = malloc((size_t)encoder->cols * 3 * (size_t)(encoder->bits / 8) + 1);
    return writer->samples
               ? GD_OK
               : gd_no_memory(error, "%s: a row of %lld pixels", writer->path, (long long)encoder->cols);
}

static gd_status open_target(gd_writer *writer, const gd_writer_options *options, gd_error *error)
{
    gd_status status = GD_OK;
    writer->target = options->target;
    if (!writer->target) {
        writer->target = &writer->own;
        status = gd_target_resolve(writer->path, GD_TARGET_FOLLOW, writer->target, error);
        if (status == GD_OK)
            status = gd_target_check(writer->target, error);
    }
    return status == GD_OK ? gd_target_create(writer->target, false, error) : status;
}

gd_status gd_writer_open(const char *path, const gd_writer_options *options, gd_writer **writer,
                         gd_error *error)
{
    *writer = NULL;
    gd_status status = check_format(path, options, error);
    if (status != GD_OK)
        return status;
    gd_writer *w = calloc(1, sizeof *w);
    if (!w)
        return gd_no_memory(error, "writing %s", path);
    *w = (gd_writer){.path = strdup(path), .own = GD_TARGET_NONE};
    if (w->path)
        status = open_target(w, options, error);
    else
        status = gd_no_memory(error, "the name %s", path);
    if (status == GD_OK)
        status = open_encoder(w, options, error);
    if (status != GD_OK) {
        gd_writer_abandon(w);
        return status;
    }
    *writer = w;
    return GD_OK;
}

/* Rounds to the nearest of 0 ... top; NaN becomes 0. So written that compilers make vectors of it. */
static int32_t quantised(float value, double top)
{
    const double scaled = ((double)value + 1.0) * (0.5 * top) + 0.5, low = scaled > 0.0 ? scaled : 0.0;
    return (int32_t)(low < top ? low : top);
}

void gd_picture_samples(const float *values, int64_t count, int32_t bits, void *samples)
{
    uint8_t *bytes = samples;
    uint16_t *words = samples;
    if (bits == 8) {
        for (int64_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)quantised(values[i], 255.0);
    } else {
        for (int64_t i = 0; i < count; i++)
            words[i] = (uint16_t)quantised(values[i], 65535.0);
    }
}

static gd_status write_row(gd_writer *writer, const void *samples, gd_error *error)
{
    gd_encoder *encoder = writer->encoder;
    if (encoder->next >= encoder->rows)
        return gd_fail(error, GD_INTERNAL, "%s: row %lld of %lld was to be written", writer->path,
                       (long long)encoder->next + 1, (long long)encoder->rows);
    gd_status status = encoder->class->row(encoder, samples, error);
    if (status == GD_OK)
        encoder->next++;
    return status;
}

gd_status gd_writer_rows(gd_writer *writer, int64_t count, const float *rgb, gd_error *error)
{
    const gd_encoder *encoder = writer->encoder;
    gd_status status = GD_OK;
    for (int64_t i = 0; status == GD_OK && i < count; i++) {
        gd_picture_samples(rgb + i * encoder->cols * 3, encoder->cols * 3, encoder->bits, writer->samples);
        status = write_row(writer, writer->samples, error);
    }
    return status;
}

gd_status gd_writer_samples(gd_writer *writer, int64_t count, const void *samples, gd_error *error)
{
    const gd_encoder *encoder = writer->encoder;
    const char *row = samples;
    gd_status status = GD_OK;
    for (int64_t i = 0; status == GD_OK && i < count; i++, row += encoder->cols * 3 * (encoder->bits / 8))
        status = write_row(writer, row, error);
    return status;
}

gd_status gd_writer_tile(gd_writer *writer, int32_t page, int64_t number, const void *data, size_t bytes,
                         gd_error *error)
{
    return writer->encoder->class->tile(writer->encoder, page, number, data, bytes, error);
}

static gd_status finish(gd_writer *writer, gd_error *error)
{
    gd_encoder *encoder = writer->encoder;
    if (encoder->next != encoder->rows)
        return gd_fail(error, GD_INTERNAL, "%s: only %lld of %lld rows were written", writer->path,
                       (long long)encoder->next, (long long)encoder->rows);
    const gd_status status = encoder->class->finish(encoder, error);
    return status == GD_OK ? gd_target_commit(writer->target, error) : status;
}

gd_status gd_writer_finish(gd_writer *writer, gd_error *error)
{
    gd_status status = finish(writer, error);
    gd_writer_abandon(writer);
    return status;
}

void gd_writer_abandon(gd_writer *writer)
{
    if (!writer)
        return;
    if (writer->encoder)
        writer->encoder->class->close(writer->encoder);
    if (writer->target)
        gd_target_discard(writer->target);
    gd_target_release(&writer->own);
    free(writer->samples);
    free(writer->path);
    free(writer);
}
