/* Writes JPEGs with libjpeg-turbo: quality 95, without chroma subsampling. */
#include "base/file.h"
#include "image/encoder.h"

#include "base/round.h"

#include <stdio.h>

#include <jpeglib.h>

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct jpeg_encoder {
    gd_encoder base;
    FILE *file; /* owned */
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    jmp_buf jump;
} jpeg_encoder;

static void error_exit(j_common_ptr info)
{
    jpeg_encoder *jpeg = info->client_data;
    char text[JMSG_LENGTH_MAX];
    jpeg->base.system_error = errno;
    info->err->format_message(info, text);
    snprintf(jpeg->base.cause, sizeof jpeg->base.cause, "%s", text);
    longjmp(jpeg->jump, 1);
}

static void no_message(j_common_ptr info)
{
    (void)info;
}

static void no_warning(j_common_ptr info, int level)
{
    (void)info;
    (void)level;
}

static gd_status jpeg_row(gd_encoder *encoder, const void *samples, gd_error *error)
{
    jpeg_encoder *jpeg = (jpeg_encoder *)encoder;
    if (setjmp(jpeg->jump))
        return gd_encoder_failed(encoder, error);
    JSAMPROW line = (JSAMPROW)(uintptr_t)samples;
    errno = 0;
    jpeg_write_scanlines(&jpeg->info, &line, 1);
    return GD_OK;
}

static gd_status jpeg_finish(gd_encoder *encoder, gd_error *error)
{
    jpeg_encoder *jpeg = (jpeg_encoder *)encoder;
    if (setjmp(jpeg->jump))
        return gd_encoder_failed(encoder, error);
    errno = 0;
    jpeg_finish_compress(&jpeg->info);
    if (fflush(jpeg->file) == 0)
        return GD_OK;
    encoder->system_error = errno;
    return gd_encoder_failed(encoder, error);
}

static void jpeg_close(gd_encoder *encoder)
{
    jpeg_encoder *jpeg = (jpeg_encoder *)encoder;
    jpeg_destroy_compress(&jpeg->info);
    if (jpeg->file)
        fclose(jpeg->file); /* already flushed, or abandoned */
    free(jpeg);
}

static const gd_encoder_class JPEG_CLASS = {.row = jpeg_row, .finish = jpeg_finish, .close = jpeg_close};

static uint16_t density_of(double dpi)
{
    double rounded = floor(dpi + 0.5);
    return (uint16_t)(rounded < 1.0 ? 1.0 : rounded > 65535.0 ? 65535.0 : rounded);
}

static void choose_format(jpeg_encoder *jpeg, const gd_profile *profile)
{
    enum { QUALITY = 95, PER_INCH = 1 };
    struct jpeg_compress_struct *info = &jpeg->info;
    info->image_width = (JDIMENSION)jpeg->base.cols;
    info->image_height = (JDIMENSION)jpeg->base.rows;
    info->input_components = 3;
    info->in_color_space = JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, QUALITY, TRUE);
    for (int c = 0; c < 3; c++)
        info->comp_info[c].h_samp_factor = info->comp_info[c].v_samp_factor = 1;
    if (!profile || profile->dpi_x <= 0.0 || profile->dpi_y <= 0.0)
        return;
    info->density_unit = PER_INCH;
    info->X_density = density_of(profile->dpi_x);
    info->Y_density = density_of(profile->dpi_y);
}

static void write_text(jpeg_encoder *jpeg, const char *text)
{
    enum { MARKER_MAX = 65533 };
    for (size_t left = text ? strlen(text) : 0; left > 0;) {
        size_t bytes = left < MARKER_MAX ? left : MARKER_MAX;
        jpeg_write_marker(&jpeg->info, JPEG_COM, (const JOCTET *)text, (unsigned)bytes);
        text += bytes;
        left -= bytes;
    }
}

static gd_status start(jpeg_encoder *jpeg, const gd_writer_options *options, gd_error *error)
{
    jpeg->info.err = jpeg_std_error(&jpeg->errors);
    jpeg->info.client_data = jpeg;
    jpeg->errors.error_exit = error_exit;
    jpeg->errors.emit_message = no_warning;
    jpeg->errors.output_message = no_message;
    if (setjmp(jpeg->jump))
        return gd_encoder_failed(&jpeg->base, error);
    errno = 0;
    jpeg_create_compress(&jpeg->info);
    jpeg_stdio_dest(&jpeg->info, jpeg->file);
    const gd_profile *profile = options->profile;
    choose_format(jpeg, profile);
    jpeg_start_compress(&jpeg->info, TRUE);
    if (profile && profile->icc)
        jpeg_write_icc_profile(&jpeg->info, profile->icc, (unsigned)profile->icc_bytes);
    write_text(jpeg, options->text);
    return GD_OK;
}

/* Random black and white samples have the most energy, and compress to 0.97 of their bytes at quality 95. */
static double jpeg_disk_bytes(const gd_writer_options *options)
{
    enum { BLOCK = 8 };
    const double slack = 1.25;
    return (double)gd_profile_bytes(options->profile) + slack * 3.0 *
                                                            (double)gd_round_up(options->rows, BLOCK) *
                                                            (double)gd_round_up(options->cols, BLOCK);
}

static gd_status jpeg_open(const gd_encoder_place *place, const gd_writer_options *options,
                           gd_encoder **encoder, gd_error *error)
{
    jpeg_encoder *jpeg = calloc(1, sizeof *jpeg);
    if (!jpeg)
        return gd_no_memory(error, "writing %s", place->path);
    jpeg->base = (gd_encoder){
        .class = &JPEG_CLASS, .path = place->path, .rows = options->rows, .cols = options->cols, .bits = 8};
    jpeg->file = gd_file_stream(place->fd, "w");
    gd_status status = GD_OK;
    if (jpeg->file) {
        status = start(jpeg, options, error);
    } else {
        jpeg->base.system_error = errno;
        status = gd_encoder_failed(&jpeg->base, error);
    }
    if (status != GD_OK) {
        jpeg_close(&jpeg->base);
        return status;
    }
    *encoder = &jpeg->base;
    return GD_OK;
}

const gd_encoder_format gd_encoder_jpeg = {.open = jpeg_open, .disk_bytes = jpeg_disk_bytes};
