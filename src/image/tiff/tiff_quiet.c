/* Silences the warnings of libtiff. */
#include "image/tiff/tiff_quiet.h"

static int on_warning(TIFF *file, void *data, const char *module, const char *format, va_list args)
{
    (void)file;
    (void)data;
    (void)module;
    (void)format;
    (void)args;
    return 1;
}

void gd_tiff_drop_warnings(TIFFOpenOptions *options)
{
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, NULL);
}
