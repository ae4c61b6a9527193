/* Absolute paths, valid from any current folder. */
#ifndef GD_OPTIONS_PATH_H
#define GD_OPTIONS_PATH_H

#include "options/options.h"

#include <stdbool.h>

/* Makes `given` absolute, with links in its folder resolved. Unchanged if the folder does not exist, or if
 * the result would be longer than GD_PATH_MAX - 1 (returns false). `given` and `path` must not overlap. */
bool gd_path_real(const char *given, char path[GD_PATH_MAX]);

/* The same for the paths in options: input, output, log, preview and weights. */
void gd_paths_make_real(gd_options *options);

#endif
