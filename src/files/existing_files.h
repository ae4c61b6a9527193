/* Checks existing files under the names of files to write. */
#ifndef GD_FILES_EXISTING_FILES_H
#define GD_FILES_EXISTING_FILES_H

#include "base/status.h"
#include "base/target.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether an open file may be replaced: it is empty, or a log, picture or parameter file that this program
 * wrote. */
bool gd_existing_files_log(int fd);
bool gd_existing_files_picture(int fd);
bool gd_existing_files_parameters(int fd); /* a parameter file of --save-parameters */

/* Whether a file exists under the target's name (*there), and whether `judge` allows replacing it (*ours).
 * GD_USAGE if it cannot be read. */
gd_status gd_existing_files_inspect(const gd_target *target, gd_target_judge *judge, bool *there, bool *ours,
                                    gd_error *error) GD_CHECKED;

/* Visits each file in the folder of `pattern`, a target with a number placeholder, whose name is that of one
 * of the numbers first .. last. */
typedef gd_status gd_existing_files_visit(void *context, const gd_target *file, gd_error *error);
gd_status gd_existing_files_numbered(const gd_target *pattern, int64_t first, int64_t last,
                                     gd_existing_files_visit *visit, void *context,
                                     gd_error *error) GD_CHECKED;

#endif
