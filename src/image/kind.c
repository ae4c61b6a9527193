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

static const char *const compressions[] = {[GD_COMPRESSION_DEFLATE] = "deflate",
                                           [GD_COMPRESSION_LZW] = "lzw",
                                           [GD_COMPRESSION_ZSTD] = "zstd",
                                           [GD_COMPRESSION_JPEG] = "jpeg",
                                           [GD_COMPRESSION_NONE] = "none"};

static const char *const bigtiffs[] = {
    [GD_BIGTIFF_AUTO] = "auto", [GD_BIGTIFF_ALWAYS] = "always", [GD_BIGTIFF_NEVER] = "never"};

/* The index of `name`, or -1. */
static int find(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

bool gd_compression_find(const char *name, gd_compression *compression)
{
    const int i = find(compressions, sizeof compressions / sizeof *compressions, name);
    if (i >= 0)
        *compression = (gd_compression)i;
    return i >= 0;
}

bool gd_bigtiff_find(const char *name, gd_bigtiff *bigtiff)
{
    const int i = find(bigtiffs, sizeof bigtiffs / sizeof *bigtiffs, name);
    if (i >= 0)
        *bigtiff = (gd_bigtiff)i;
    return i >= 0;
}

const char *gd_compression_name(gd_compression compression)
{
    return compressions[compression];
}

const char *gd_bigtiff_name(gd_bigtiff bigtiff)
{
    return bigtiffs[bigtiff];
}
