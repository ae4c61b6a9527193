/* Makes paths absolute. */
#include "options/path.h"

#include "options/flags.h"

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

static void make_real(char path[GD_PATH_MAX])
{
    char given[GD_PATH_MAX];
    strcpy(given, path);
    if (*given)
        (void)gd_path_real(given, path);
}

/* Whether a value is a word or a checksum of weights, not a path. */
static bool is_word(const gd_flag *flag, const char *path)
{
    return (flag->names && gd_enum_find(flag->names, path)) || gd_weights_checksum(path);
}

void gd_paths_make_real(gd_options *options)
{
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        char *path = (char *)options + gd_flags[i].offset;
        if ((gd_flags[i].traits & GD_FLAG_REAL) && !is_word(&gd_flags[i], path))
            make_real(path);
    }
}
