#include "options/path.h"

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

void gd_paths_make_real(gd_options *options)
{
    if (!gd_options_noise(options))
        make_real(options->input);
    make_real(options->output);
    make_real(options->log);
    make_real(options->preview);
    if (strcmp(options->weights, "bundled") != 0 && strcmp(options->weights, "official") != 0)
        make_real(options->weights);
}
