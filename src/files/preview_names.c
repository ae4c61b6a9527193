/* Numbers, names and size of previews. A step that is both the end of an octave and an N-th step gives one
 * preview. */
#include "files/preview_names.h"

#include "text/placeholder.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int64_t gd_preview_number(const gd_preview_interval *r, int32_t octave, int32_t step)
{
    const int64_t steps = r->steps, every = r->every;
    const int64_t done = (int64_t)(octave - r->octave_first) * steps + step + 1;
    if (done % steps != 0 && (every == 0 || done % every != 0))
        return 0;
    if (every == 0)
        return done / steps;
    const int64_t both = steps / common_divisor(steps, every) * every;
    return done / steps + done / every - done / both;
}

int64_t gd_preview_last(const gd_preview_interval *r)
{
    return r->steps > 0 ? gd_preview_number(r, r->octave_end - 1, r->steps - 1) : 0;
}

/* The last % is the number's placeholder. Other % can only be in a folder that was prepended. */
void gd_preview_path(const char *pattern, int64_t number, char path[GD_PREVIEW_NAME_BYTES])
{
    const char *percent = strrchr(pattern, '%');
    int width = 0;
    const size_t length = percent ? gd_placeholder(percent, &width) : 0;
    if (length == 0) {
        snprintf(path, GD_PREVIEW_NAME_BYTES, "%s", pattern);
        return;
    }
    snprintf(path, GD_PREVIEW_NAME_BYTES, "%.*s%0*" PRId64 "%s", (int)(percent - pattern), pattern, width,
             number, percent + length);
}

bool gd_preview_matches(const char *pattern, int64_t first, int64_t last, const char *name)
{
    char path[GD_PREVIEW_NAME_BYTES];
    const char *percent = strrchr(pattern, '%');
    const size_t before = (size_t)(percent - pattern);
    if (strncmp(name, pattern, before) != 0)
        return false;
    /* The part after the number may start with digits, too. */
    int width;
    const size_t rest = strlen(name + before), behind = strlen(percent + gd_placeholder(percent, &width));
    char digits[20] = "";
    if (rest <= behind || rest - behind >= sizeof digits)
        return false;
    memcpy(digits, name + before, rest - behind);
    const int64_t number = strtoll(digits, NULL, 10);
    gd_preview_path(pattern, number, path);
    return number >= first && number <= last && strcmp(path, name) == 0;
}

void gd_preview_size(int32_t pixels, int64_t base_rows, int64_t base_cols, int64_t *rows, int64_t *cols)
{
    const int64_t longest = base_rows > base_cols ? base_rows : base_cols;
    const double scale = fmin(1, (double)pixels / (double)longest);
    *rows = (int64_t)fmax(1, round((double)base_rows * scale));
    *cols = (int64_t)fmax(1, round((double)base_cols * scale));
}
