/* WebP pictures in a build without libwebp. */
#include "image/decoder.h"

gd_status gd_webp_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error)
{
    (void)allowance;
    (void)decoder;
    fclose(file);
    return gd_fail(error, GD_USAGE,
                   "%s is a WebP picture, and this gigadream was built without libwebp; build it with that "
                   "(Debian: libwebp-dev), or convert the picture: dwebp IN -o OUT.png",
                   path);
}
