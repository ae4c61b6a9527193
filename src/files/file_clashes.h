/* No file that a render writes may stand in the place of another. */
#ifndef GD_FILES_FILE_CLASHES_H
#define GD_FILES_FILE_CLASHES_H

#include "base/status.h"
#include "files/file_names.h"
#include "options/options.h"

/* GD_USAGE, with both flags, when a file that the render, or its proof, writes is the same as another one
 * that it writes or reads, by whatever name; but the checkpoint may be the one that is resumed. Rank 0 only.
 */
gd_status gd_file_clashes_check(const gd_options *options, const gd_file_names *names,
                                gd_error *error) GD_CHECKED;

#endif
