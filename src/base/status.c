/* Fills error messages and maps statuses to exit codes. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

gd_status gd_fail(gd_error *error, gd_status status, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
    }
    return status;
}

gd_status gd_no_memory(gd_error *error, const char *format, ...)
{
    if (error) {
        const int begin = snprintf(error->message, sizeof error->message, "out of memory for ");
        va_list args;
        va_start(args, format);
        vsnprintf(error->message + begin, sizeof error->message - (size_t)begin, format, args);
        va_end(args);
    }
    return GD_MEMORY;
}

int gd_exit_code(gd_status status)
{
    switch (status) {
    case GD_OK:
        return 0;
    case GD_USAGE:
        return 2;
    case GD_STOPPED:
        return 75;
    default:
        return 1;
    }
}
