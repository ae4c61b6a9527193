/* Functions that all decoders share: warnings, checks of size, messages about damage, and the colour profile.
 */
#include "image/decoder.h"

#include "image/metadata/exif.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void gd_decoder_close(gd_decoder *decoder)
{
    if (!decoder)
        return;
    gd_profile_free(&decoder->profile);
    decoder->class->close(decoder);
}

gd_status gd_decoder_check_size(const char *path, int64_t rows, int64_t cols, gd_error *error)
{
    if (rows < 1 || cols < 1)
        return gd_fail(error, GD_USAGE, "%s: says that it has %lld x %lld pixels; the file is damaged", path,
                       (long long)cols, (long long)rows);
    if (rows > GD_PICTURE_SIDE_MAX || cols > GD_PICTURE_SIDE_MAX)
        return gd_fail(error, GD_USAGE,
                       "%s: says that it has %lld x %lld pixels; at most %d a side can be read", path,
                       (long long)cols, (long long)rows, GD_PICTURE_SIDE_MAX);
    return GD_OK;
}

void gd_decoder_warn(gd_decoder *decoder, const char *format, ...)
{
    size_t used = strlen(decoder->warning);
    if (used)
        used += (size_t)snprintf(decoder->warning + used, sizeof decoder->warning - used, "; ");
    if (used >= sizeof decoder->warning)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(decoder->warning + used, sizeof decoder->warning - used, format, args);
    va_end(args);
}

gd_status gd_decoder_damaged(const gd_decoder *decoder, const char *cause, gd_error *error)
{
    return gd_fail(error, GD_USAGE, "%s: ends after row %lld of %lld; the file is damaged%s%s%s",
                   decoder->path, (long long)decoder->next, (long long)decoder->rows, *cause ? " (" : "",
                   cause, *cause ? ")" : "");
}

gd_status gd_decoder_keep_icc(gd_decoder *decoder, const void *icc, size_t bytes, gd_error *error)
{
    if (bytes > GD_ICC_BYTES_MAX) {
        snprintf(decoder->colours.icc_trouble, sizeof decoder->colours.icc_trouble,
                 "it has %zu bytes, and at most %d are read", bytes, GD_ICC_BYTES_MAX);
        return GD_OK;
    }
    if (!gd_allowance_take(decoder->allowance, bytes))
        return gd_allowance_refuse(decoder->allowance, decoder->path, error);
    decoder->profile.icc = malloc(bytes ? bytes : 1);
    if (!decoder->profile.icc)
        return gd_no_memory(error, "%s: its colour profile of %zu bytes", decoder->path, bytes);
    memcpy(decoder->profile.icc, icc, bytes);
    decoder->profile.icc_bytes = bytes;
    return GD_OK;
}

gd_status gd_decoder_take_exif(gd_decoder *decoder, const uint8_t *exif, size_t bytes, gd_error *error)
{
    enum { HEAD = 6, MOST = 0xFFFF }; /* the maximum in a JPEG */
    static const char head[] = "Exif\0";
    const bool begins = bytes >= HEAD && memcmp(exif, head, HEAD) == 0;
    gd_exif found;
    if (bytes > MOST)
        return GD_OK;
    uint8_t *copy = malloc(HEAD + bytes);
    if (!copy)
        return gd_no_memory(error, "%s: its EXIF data", decoder->path);
    memcpy(copy, head, HEAD);
    memcpy(copy + (begins ? 0 : HEAD), exif, bytes);
    if (!gd_exif_parse(copy, bytes + (begins ? 0 : HEAD), &found))
        gd_decoder_warn(decoder, "its EXIF data is ignored, since this build has no libexif");
    free(copy);
    decoder->orientation = found.orientation;
    decoder->profile.dpi_x = found.dpi_x;
    decoder->profile.dpi_y = found.dpi_y;
    decoder->colours = found.colours;
    return GD_OK;
}

gd_status gd_decoder_read_file(const gd_decoder *decoder, FILE *file, uint8_t **data, size_t *bytes,
                               gd_error *error)
{
    struct stat about = {.st_size = 0};
    gd_status status = GD_OK;
    *data = NULL;
    if (fstat(fileno(file), &about) != 0 || about.st_size <= 0)
        status = gd_fail(error, GD_USAGE, "%s: is empty, or not a file; name a picture", decoder->path);
    else if (!gd_allowance_take(decoder->allowance, (uint64_t)about.st_size))
        status = gd_allowance_refuse(decoder->allowance, decoder->path, error);
    *bytes = (size_t)about.st_size;
    if (status == GD_OK && !(*data = malloc(*bytes)))
        status = gd_no_memory(error, "the %zu bytes of %s", *bytes, decoder->path);
    if (status == GD_OK && fread(*data, 1, *bytes, file) != *bytes)
        status = gd_fail(error, GD_USAGE, "%s: could not be read to its end; try again", decoder->path);
    fclose(file);
    return status;
}
