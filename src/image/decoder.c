/* Functions that all decoders share: warnings, checks of size, messages about damage, and the colour profile.
 */
#include "image/decoder.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
