/* Reads and prints whole numbers and paths, for many options. */
#include "options/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
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

gd_status gd_value_unsigned(const char *flag, const char *text, uint64_t *value, gd_error *error)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (!*text || text[strspn(text, "0123456789")] || *end || errno == ERANGE)
        return gd_fail(error, GD_USAGE, "%s %s: not a whole number from 0 to %" PRIu64 "; give one", flag,
                       text, UINT64_MAX);
    *value = number;
    return GD_OK;
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

bool gd_value_print(char *text, size_t bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(text, bytes, format, args);
    va_end(args);
    return length >= 0 && (size_t)length < bytes;
}
