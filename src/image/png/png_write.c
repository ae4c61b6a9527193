/* Writes PNGs with libpng. */
#include "base/file.h"
#include "image/encoder.h"

#include <errno.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct png_encoder {
    gd_encoder base;
    FILE *file;      /* owned */
    png_structp png; /* owned */
    png_infop info;  /* owned */
} png_encoder;

static void on_error(png_structp png, png_const_charp message)
{
    png_encoder *encoder = png_get_error_ptr(png);
    encoder->base.system_error = errno;
    snprintf(encoder->base.cause, sizeof encoder->base.cause, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static gd_status png_row(gd_encoder *encoder, const void *samples, gd_error *error)
{
    png_encoder *png = (png_encoder *)encoder;
    if (setjmp(png_jmpbuf(png->png)))
        return gd_encoder_failed(encoder, error);
    errno = 0;
    png_write_row(png->png, samples);
    return GD_OK;
}

static gd_status png_finish(gd_encoder *encoder, gd_error *error)
{
    png_encoder *png = (png_encoder *)encoder;
    if (setjmp(png_jmpbuf(png->png)))
        return gd_encoder_failed(encoder, error);
    errno = 0;
    png_write_end(png->png, NULL);
    if (fflush(png->file) == 0)
        return GD_OK;
    encoder->system_error = errno;
    return gd_encoder_failed(encoder, error);
}

static void png_close(gd_encoder *encoder)
{
    png_encoder *png = (png_encoder *)encoder;
    png_destroy_write_struct(&png->png, &png->info);
    if (png->file)
        fclose(png->file); /* already flushed, or abandoned */
    free(png);
}

static const gd_encoder_class PNG_CLASS = {.row = png_row, .finish = png_finish, .close = png_close};

static png_uint_32 per_metre(double dpi)
{
    double dots = floor(dpi / 0.0254 + 0.5);
    return (png_uint_32)(dots < 1.0 ? 1.0 : dots > PNG_UINT_31_MAX ? PNG_UINT_31_MAX : dots);
}

static void write_profile(png_encoder *png, const gd_profile *profile)
{
    if (profile->icc)
        png_set_iCCP(png->png, png->info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, profile->icc,
                     (png_uint_32)profile->icc_bytes);
    if (profile->dpi_x > 0.0 && profile->dpi_y > 0.0)
        png_set_pHYs(png->png, png->info, per_metre(profile->dpi_x), per_metre(profile->dpi_y),
                     PNG_RESOLUTION_METER);
}

/* tEXt is Latin-1 only, iTXt is UTF-8. */
static void write_text(png_encoder *png, const char *text)
{
    bool ascii = true;
    for (const char *c = text; *c; c++)
        ascii = ascii && (unsigned char)*c < 0x80;
    png_text entry = {.compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE};
    char key[] = "Description";
    entry.key = key;
    entry.text = (png_charp)(uintptr_t)text;
    entry.text_length = ascii ? strlen(text) : 0;
    entry.itxt_length = ascii ? 0 : strlen(text);
    png_set_text(png->png, png->info, &entry, 1);
}

static gd_status start(png_encoder *png, const gd_writer_options *options, gd_error *error)
{
    enum { LEVEL = 6 };
    png->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, png, on_error, on_warning);
    if (png->png)
        png->info = png_create_info_struct(png->png);
    if (!png->info)
        return gd_fail(error, GD_BACKEND, "%s: libpng does not start: %s", png->base.path, png->base.cause);
    if (setjmp(png_jmpbuf(png->png)))
        return gd_encoder_failed(&png->base, error);
    errno = 0;
    png_init_io(png->png, png->file);
    png_set_user_limits(png->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_benign_errors(png->png, 1);
    png_set_compression_level(png->png, LEVEL);
    png_set_IHDR(png->png, png->info, (png_uint_32)options->cols, (png_uint_32)options->rows, options->bits,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (options->profile)
        write_profile(png, options->profile);
    if (options->text && options->text[0])
        write_text(png, options->text);
    png_write_info(png->png, png->info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (options->bits == 16)
        png_set_swap(png->png);
#endif
    return GD_OK;
}

/* Rows with their filter bytes, stored uncompressed by deflate, in chunks of 8 KiB. */
static double png_disk_bytes(const gd_writer_options *options)
{
    const double slack = 1.0 + 1.0 / 256;
    return (double)gd_profile_bytes(options->profile) +
           slack * (double)options->rows * (1.0 + (double)options->cols * 3.0 * (options->bits / 8));
}

static gd_status png_open(const gd_encoder_place *place, const gd_writer_options *options,
                          gd_encoder **encoder, gd_error *error)
{
    png_encoder *png = calloc(1, sizeof *png);
    if (!png)
        return gd_no_memory(error, "writing %s", place->path);
    png->base = (gd_encoder){.class = &PNG_CLASS,
                             .path = place->path,
                             .rows = options->rows,
                             .cols = options->cols,
                             .bits = options->bits};
    png->file = gd_file_stream(place->fd, "w");
    gd_status status = GD_OK;
    if (png->file) {
        status = start(png, options, error);
    } else {
        png->base.system_error = errno;
        status = gd_encoder_failed(&png->base, error);
    }
    if (status != GD_OK) {
        png_close(&png->base);
        return status;
    }
    *encoder = &png->base;
    return GD_OK;
}

const gd_encoder_format gd_encoder_png = {.open = png_open, .disk_bytes = png_disk_bytes};
