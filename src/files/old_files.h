/* What stands under the names of files that will be written. */
#ifndef GD_FILES_OLD_FILES_H
#define GD_FILES_OLD_FILES_H

#include "base/status.h"
#include "base/target.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether an open file is empty, or a log or picture that this program wrote, and so may be replaced. */
bool gd_old_files_log(int fd);
bool gd_old_files_picture(int fd);
bool gd_old_files_parameters(int fd); /* a file of flags, as --save-parameters writes it */

/* Whether something stands under the target's name, and whether it may be replaced as `judge` says. GD_USAGE
 * when it cannot be read. */
gd_status gd_old_files_look(const gd_target *target, gd_target_judge *judge, bool *there, bool *ours,
                            gd_error *error) GD_CHECKED;

/* Visits each file in the folder of `pattern`, a target with a place for a number, that is called as one of
 * its previews 1 .. last. */
typedef gd_status gd_old_files_visit(void *context, const gd_target *file, gd_error *error);
gd_status gd_old_files_previews(const gd_target *pattern, int64_t last, gd_old_files_visit *visit,
                                void *context, gd_error *error) GD_CHECKED;

#endif
