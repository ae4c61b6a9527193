#include "cli/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gd_path_real(const char *given, char path[GD_PATH_MAX])
{
    const char *slash = strrchr(given, '/');
    char *folder = slash ? strndup(given, (size_t)(slash - given) + 1) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL;
    free(folder);
    int length = 0;
    if (real)
        length = snprintf(path, GD_PATH_MAX, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
                          slash ? slash + 1 : given);
    if (!real || length >= GD_PATH_MAX)
        snprintf(path, GD_PATH_MAX, "%s", given);
    free(real);
    return length < GD_PATH_MAX;
}
