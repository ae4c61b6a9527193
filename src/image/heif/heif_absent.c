/* HEIC and AVIF pictures in a build without libheif. */
#include "image/decoder.h"

gd_status gd_heif_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error)
{
    (void)allowance;
    (void)decoder;
    fclose(file);
    return gd_fail(
        error, GD_USAGE,
        "%s is a HEIC or AVIF picture, and this gigadream was built without libheif; build it with "
        "that (Debian: libheif-dev), or convert the picture: heif-convert IN OUT.png",
        path);
}
