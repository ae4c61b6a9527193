/* Reads and prints the value of --preview: a file name, with an optional number placeholder, and a size in
 * pixels. */
#include "options/preview.h"

#include "text/placeholder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS_MIN = 16, PIXELS_MAX = 4096 };

/* True if `name` has no % except one number placeholder. */
static bool is_pattern(const char *name)
{
    int width;
    const char *percent = strchr(name, '%');
    if (!percent)
        return true;
    const size_t length = gd_placeholder(percent, &width);
    return length > 0 && !strchr(percent + length, '%');
}

/* Removes ",PIXELS" from the end of `path` and parses it. */
static bool take_pixels(char *path, int32_t *pixels)
{
    char *comma = strrchr(path, ',');
    if (!comma || !comma[1] || comma[1 + strspn(comma + 1, "0123456789")])
        return true;
    const long long number = strtoll(comma + 1, NULL, 10);
    *comma = '\0';
    *pixels = (int32_t)(number < PIXELS_MAX + 1 ? number : PIXELS_MAX + 1);
    return number >= PIXELS_MIN && number <= PIXELS_MAX;
}

static gd_status read_preview(const char *flag, const char *text, gd_options *options, gd_error *error)
{
    char full[GD_PATH_MAX];
    gd_file_kind kind;
    if (strlen(text) >= GD_PATH_MAX)
        return gd_fail(error, GD_USAGE, "%s %.60s...: the name is too long; give a shorter one", flag, text);
    strcpy(options->preview, text);
    if (!take_pixels(options->preview, &options->preview_pixels))
        return gd_fail(error, GD_USAGE, "%s %s: give from %d to %d pixels after the comma", flag, text,
                       PIXELS_MIN, PIXELS_MAX);
    if (gd_file_kind_of(options->preview, &kind, full, sizeof full, NULL) != GD_OK || kind == GD_FILE_TIFF)
        return gd_fail(error, GD_USAGE, "%s %s: a preview is a JPEG or PNG; name a .jpg or .png", flag, text);
    if (!is_pattern(options->preview))
        return gd_fail(error, GD_USAGE,
                       "%s %s: a name may have one number placeholder, such as %%d or %%03d, and no other %%",
                       flag, text);
    return GD_OK;
}

gd_status gd_read_preview(const char *flag, const char *const *values, gd_options *options, gd_error *error)
{
    return read_preview(flag, values[0], options, error);
}

bool gd_print_preview(const gd_options *o, char *text, size_t bytes)
{
    if (!o->preview[0])
        return gd_value_print(text, bytes, "%s", "");
    return gd_value_print(text, bytes, "%s,%d", o->preview, o->preview_pixels);
}
