/* Names of files that mean the same wherever one stands. */
#ifndef GD_OPTIONS_PATH_H
#define GD_OPTIONS_PATH_H

#include "options/options.h"

#include <stdbool.h>

/* `given` with its real folder from the root on. A folder that is not there, or a name that would be longer
 * than GD_PATH_MAX - 1, stays as it is; false for the latter. `given` and `path` may not overlap. */
bool gd_path_real(const char *given, char path[GD_PATH_MAX]);

/* The same for the files that options name: input, output, log, preview and weights. */
void gd_paths_make_real(gd_options *options);

#endif
