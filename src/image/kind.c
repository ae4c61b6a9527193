/* Looks up file formats by extension, and TIFF options by name. */
#include "image/kind.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

gd_status gd_file_kind_of(const char *name, gd_file_kind *kind, char *full, size_t full_bytes,
                          gd_error *error)
{
    static const struct {
        const char *extension;
        gd_file_kind kind;
    } kinds[] = {{".tif", GD_FILE_TIFF},
                 {".tiff", GD_FILE_TIFF},
                 {".jpg", GD_FILE_JPEG},
                 {".jpeg", GD_FILE_JPEG},
                 {".png", GD_FILE_PNG}};
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');
    if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        return gd_fail(error, GD_USAGE, "\"%s\" is no name for a file; name a .tif, .jpg or .png", name);
    /* A dot in front hides a file, and starts no extension. */
    const char *extension = dot && dot != base ? dot : "";
    bool found = !*extension;
    *kind = GD_FILE_TIFF;
    for (size_t i = 0; !found && i < sizeof kinds / sizeof *kinds; i++) {
        found = strcasecmp(extension, kinds[i].extension) == 0;
        *kind = kinds[i].kind;
    }
    if (!found)
        return gd_fail(error, GD_USAGE,
                       "%s: pictures cannot be written as \"%s\"; use .tif, .tiff, .jpg, .jpeg or .png", name,
                       extension);
    int length = snprintf(full, full_bytes, "%s%s", name, *extension ? "" : ".tif");
    if (length < 0 || (size_t)length >= full_bytes)
        return gd_fail(error, GD_USAGE, "%s: is too long a name", name);
    return GD_OK;
}

const gd_enum_name gd_compression_names[] = {
    {.text = "deflate", .value = GD_COMPRESSION_DEFLATE}, {.text = "lzw", .value = GD_COMPRESSION_LZW},
    {.text = "zstd", .value = GD_COMPRESSION_ZSTD},       {.text = "jpeg", .value = GD_COMPRESSION_JPEG},
    {.text = "none", .value = GD_COMPRESSION_NONE},       {0}};

const gd_enum_name gd_bigtiff_names[] = {{.text = "auto", .value = GD_BIGTIFF_AUTO},
                                         {.text = "always", .value = GD_BIGTIFF_ALWAYS},
                                         {.text = "never", .value = GD_BIGTIFF_NEVER},
                                         {0}};
