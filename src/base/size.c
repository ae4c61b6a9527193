/* Reads and prints sizes of memory in powers of 1024. */
#include "base/size.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Larger limits mean no limit: control groups v1 report almost 2^63 if there is none. */
static const uint64_t no_limit = UINT64_C(1) << 60;

static const char units[] = "KMGT";

bool gd_size_parse(const char *text, uint64_t *bytes)
{
    char *end = NULL;
    const size_t digits = strspn(text, "0123456789.");
    double value = digits > 0 && digits < 24 ? strtod(text, &end) : 0;
    if (!end || end != text + digits || !*end)
        return false;
    const char *unit = strchr("KkMmGgTt", *end);
    if (!unit ||
        (strcasecmp(end + 1, "") != 0 && strcasecmp(end + 1, "iB") != 0 && strcasecmp(end + 1, "B") != 0))
        return false;
    for (int64_t i = (unit - "KkMmGgTt") / 2; i >= 0; i--)
        value *= 1024;
    if (value < 1024 || value >= (double)no_limit)
        return false;
    *bytes = (uint64_t)value / 1024 * 1024;
    return true;
}

void gd_size_text(uint64_t bytes, char text[32])
{
    int unit = 0;
    uint64_t count = bytes / 1024;
    for (; unit < 3 && count > 0 && count % 1024 == 0; unit++)
        count /= 1024;
    snprintf(text, 32, "%" PRIu64 "%ciB", count, units[unit]);
}

const char *gd_amount_text(double bytes, char text[GD_AMOUNT_BYTES])
{
    static const char *const names[] = {"GiB", "MiB", "KiB"};
    double unit = 1024.0 * 1024.0 * 1024.0;
    int name = 0;
    for (; name < 2 && bytes < 0.1 * unit; name++)
        unit /= 1024;
    snprintf(text, GD_AMOUNT_BYTES, "%.2f %s", bytes / unit, names[name]);
    return text;
}
