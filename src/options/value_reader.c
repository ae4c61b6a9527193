#include "options/value_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

gd_status gd_value_whole(const char *flag, const char *text, int64_t low, int64_t high, int64_t *value,
                         gd_error *error)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (!*text || text[strspn(text, "+-0123456789")] || *end)
        return gd_fail(error, GD_USAGE, "%s %s: not a whole number; give one from %" PRId64 " to %" PRId64,
                       flag, text, low, high);
    if (errno == ERANGE || number < low || number > high)
        return gd_fail(error, GD_USAGE,
                       "%s %s: out of range; give a whole number from %" PRId64 " to %" PRId64, flag, text,
                       low, high);
    *value = number;
    return GD_OK;
}

gd_status gd_value_whole32(const char *flag, const char *text, int32_t low, int32_t high, int32_t *value,
                           gd_error *error)
{
    int64_t wide = 0;
    gd_status status = gd_value_whole(flag, text, low, high, &wide, error);
    if (status == GD_OK)
        *value = (int32_t)wide;
    return status;
}

gd_status gd_value_path(const char *flag, const char *text, char path[GD_PATH_MAX], gd_error *error)
{
    if (!*text)
        return gd_fail(error, GD_USAGE, "%s '': the name is empty; give a file's name", flag);
    if (strlen(text) >= GD_PATH_MAX)
        return gd_fail(error, GD_USAGE,
                       "%s %.60s...: the name is longer than %d characters; give a shorter one", flag, text,
                       GD_PATH_MAX - 1);
    strcpy(path, text);
    return GD_OK;
}
