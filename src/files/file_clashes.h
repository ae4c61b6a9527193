/* Refuses a render that would overwrite one of its own files. */
#ifndef GD_FILES_FILE_CLASHES_H
#define GD_FILES_FILE_CLASHES_H

#include "base/status.h"
#include "files/file_names.h"
#include "options/options.h"

/* GD_USAGE, naming both flags, if a file that the render or its proof writes is the same as another one that
 * it writes or reads, under any name. The checkpoint may be the one that is resumed. Rank 0 only. */
gd_status gd_file_clashes_check(const gd_options *options, const gd_file_names *names,
                                gd_error *error) GD_CHECKED;

#endif
