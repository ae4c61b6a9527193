/* Previews: reading --preview, when one is due, and its name. */
#include "options/preview.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS_MIN = 16, PIXELS_MAX = 4096, WIDTH_MAX = 9 };

/* The length of "%d" or "%04d" at `text`, with the digits that it asks for; 0: it is neither. */
static size_t place_length(const char *text, int *width)
{
    *width = 0;
    if (text[0] != '%')
        return 0;
    if (text[1] == 'd')
        return 2;
    if (text[1] != '0' || text[2] < '1' || text[2] > '0' + WIDTH_MAX || text[3] != 'd')
        return 0;
    *width = text[2] - '0';
    return 4;
}

/* True when `name` has no % but for one place for a number. */
static bool is_pattern(const char *name)
{
    int width;
    const char *percent = strchr(name, '%');
    if (!percent)
        return true;
    const size_t length = place_length(percent, &width);
    return length > 0 && !strchr(percent + length, '%');
}

/* Takes ",PIXELS" from the end of `path`. */
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
        return gd_fail(error, GD_USAGE, "%s %s: give from %d to %d pixels behind the comma", flag, text,
                       PIXELS_MIN, PIXELS_MAX);
    if (gd_file_kind_of(options->preview, &kind, full, sizeof full, NULL) != GD_OK || kind == GD_FILE_TIFF)
        return gd_fail(error, GD_USAGE, "%s %s: a preview is a JPEG or PNG; name a .jpg or .png", flag, text);
    if (!is_pattern(options->preview))
        return gd_fail(error, GD_USAGE,
                       "%s %s: a name may hold one place for a number, such as %%d or %%03d, and no other %%",
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

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int64_t gd_preview_number(const gd_options *o, int32_t octave, int32_t step)
{
    const int64_t steps = o->steps, every = o->preview_every;
    const int64_t done = (int64_t)(octave - o->octave_first) * steps + step + 1;
    if (!o->preview[0] || (done % steps != 0 && (every == 0 || done % every != 0)))
        return 0;
    if (every == 0)
        return done / steps;
    const int64_t both = steps / common_divisor(steps, every) * every;
    return done / steps + done / every - done / both;
}

/* The last % is the place: only folders that were put before the name can have others. */
static void put_number(const char *name, int64_t number, char path[GD_PATH_MAX])
{
    const char *percent = strrchr(name, '%');
    int width = 0;
    const size_t length = percent ? place_length(percent, &width) : 0;
    if (length == 0) {
        snprintf(path, GD_PATH_MAX, "%s", name);
        return;
    }
    snprintf(path, GD_PATH_MAX, "%.*s%0*" PRId64 "%s", (int)(percent - name), name, width, number,
             percent + length);
}

void gd_preview_path(const gd_options *options, int64_t number, char path[GD_PATH_MAX])
{
    put_number(options->preview, number, path);
}

/* The number of the last preview; 0: there is none. */
static int64_t last_number(const gd_options *o)
{
    return o->steps > 0 ? gd_preview_number(o, o->octave_end - 1, o->steps - 1) : 0;
}

bool gd_preview_meets(const gd_options *options, const char *pattern, const char *name)
{
    char path[GD_PATH_MAX];
    const char *percent = strrchr(pattern, '%');
    const size_t before = (size_t)(percent - pattern);
    if (strncmp(name, pattern, before) != 0)
        return false;
    /* What follows the number may begin with digits, too. */
    int width;
    const size_t rest = strlen(name + before), behind = strlen(percent + place_length(percent, &width));
    char digits[20] = "";
    if (rest <= behind || rest - behind >= sizeof digits)
        return false;
    memcpy(digits, name + before, rest - behind);
    const int64_t number = strtoll(digits, NULL, 10);
    put_number(pattern, number, path);
    return number >= 1 && number <= last_number(options) && strcmp(path, name) == 0;
}

void gd_preview_size(const gd_options *options, int64_t base_rows, int64_t base_cols, int64_t *rows,
                     int64_t *cols)
{
    const int64_t longest = base_rows > base_cols ? base_rows : base_cols;
    const double scale = fmin(1, (double)options->preview_pixels / (double)longest);
    *rows = (int64_t)fmax(1, round((double)base_rows * scale));
    *cols = (int64_t)fmax(1, round((double)base_cols * scale));
}
